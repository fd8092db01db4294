using System.Reflection;

namespace CitySafeSense.Architecture.OrleansSurface;

/// <summary>Our actor host stays a subset of Orleans: what it shows in Orleans' namespaces exists there, with the same signature.</summary>
public sealed class OrleansSurfaceTests
{
    private static readonly PublicSurface Ours = new(Path.Combine(AppContext.BaseDirectory, "CitySafeSense.EmbeddedOrleans.dll"), "Orleans");

    private static readonly PublicSurface Theirs = new(
        typeof(OrleansSurfaceTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "OrleansCoreAbstractions").Value!, "Orleans");

    /// <summary>Type or type and member, then the source file of Orleans where somebody has looked at it.</summary>
    private static readonly Dictionary<string, string> Reviewed = File.ReadAllLines(Path.Combine(Repository.Root, "tests/Architecture/OrleansSurface/reviewed.txt"))
        .Where(l => l.Length > 0 && l[0] != '#')
        .Select(l => l.Split(" | "))
        .ToDictionary(p => p[0].Trim(), p => p[1].Trim(), StringComparer.Ordinal);

    [Fact]
    public void Every_public_member_of_ours_is_a_member_of_Orleans_or_was_reviewed()
    {
        var strange = Strange().ToArray();
        Assert.True(strange.Length == 0, string.Join(Environment.NewLine, strange));
    }

    [Fact]
    public void Reviewed_list_names_nothing_that_the_package_could_have_proved()
    {
        foreach (var (entry, source) in Reviewed)
        {
            Assert.EndsWith(".cs", source);
            var type = entry.Split(": ")[0];
            Assert.True(Ours.Has(type), $"{entry} is no longer ours");
            if (!entry.Contains(": ", StringComparison.Ordinal)) Assert.False(Theirs.Has(type), $"{entry} is in Orleans.Core.Abstractions: no review is needed");
        }
    }

    [Fact]
    public void Comparison_would_notice_a_member_that_Orleans_does_not_have()
    {
        Assert.True(Theirs.Has("Orleans.Grain", "System.Void DeactivateOnIdle()"));
        Assert.False(Theirs.Has("Orleans.Grain", "System.Void DeactivateAtOnce()"));
        Assert.False(Theirs.Has("Orleans.Grain", "System.Boolean DeactivateOnIdle()"));
        Assert.NotEmpty(Ours.Types);
    }

    private static IEnumerable<string> Strange()
    {
        foreach (var type in Ours.Types)
        {
            if (!Theirs.Has(type))
            {
                if (!Reviewed.ContainsKey(type)) yield return type;
                continue;
            }
            foreach (var member in Ours.MembersOf(type))
                if (!Theirs.Has(type, member) && !Reviewed.ContainsKey($"{type}: {member}")) yield return $"{type}: {member}";
        }
    }
}
