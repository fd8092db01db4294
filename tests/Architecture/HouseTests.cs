using System.Text.RegularExpressions;

namespace CitySafeSense.Architecture;

/// <summary>What keeps the house readable.</summary>
public partial class HouseTests
{
    private const int LinesMax = 300;

    [Fact]
    public void Architecture_page_names_every_top_level_folder_and_every_project()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "ARCHITECTURE.md"));
        foreach (var folder in Directory.GetDirectories(Repository.Root).Select(Path.GetFileName).Where(f => !f!.StartsWith('.') && f is not ("artifacts" or "data" or "node_modules")))
            Assert.Contains($"{folder}/", page);
        foreach (var project in Repository.Projects) Assert.True(page.Contains(Path.GetFileName(project)), $"ARCHITECTURE.md does not mention {project}");
    }

    [Fact]
    public void No_source_file_is_longer_than_one_idea()
    {
        foreach (var file in Repository.Files("*.cs"))
            Assert.True(File.ReadAllLines(file).Length <= LinesMax, $"{file} has more than {LinesMax} lines");
    }

    [Fact]
    public void No_file_is_named_for_having_no_idea()
    {
        foreach (var file in Repository.Files("*.cs")) Assert.DoesNotMatch(VagueNames(), Path.GetFileNameWithoutExtension(file));
    }

    [Fact]
    public void Nothing_unfinished_is_left_in_the_source()
    {
        foreach (var file in Repository.Files("*.cs").Where(f => !f.EndsWith("HouseTests.cs", StringComparison.Ordinal)))
            Assert.False(Unfinished().IsMatch(File.ReadAllText(file)), $"{file} says it is unfinished");
    }

    [Fact]
    public void Launcher_and_gate_can_be_run()
    {
        if (OperatingSystem.IsWindows()) return;
        foreach (var script in new[] { "citysafe", "tests/run", ".ci/run" })
            Assert.True(File.GetUnixFileMode(Path.Combine(Repository.Root, script)).HasFlag(UnixFileMode.UserExecute), script);
    }

    [Fact]
    public void Every_decision_says_when_to_look_again()
    {
        var pages = Repository.Files("*.md", "docs/decisions").ToArray();
        Assert.NotEmpty(pages);
        foreach (var page in pages)
            foreach (var part in new[] { "## Context", "## Choice", "## Rejected", "## Look again" })
                Assert.True(File.ReadAllText(page).Contains(part), $"{page} has no \"{part}\"");
    }

    [GeneratedRegex("(Utils?|Helpers?|Common|Manager|Misc)$")]
    private static partial Regex VagueNames();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b|NotImplementedException")]
    private static partial Regex Unfinished();
}
