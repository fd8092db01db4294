using System.Xml.Linq;

namespace CitySafeSense.Architecture;

/// <summary>Who may import whom. A new arrow needs a page in docs/decisions and a line here.</summary>
public class ImportRulesTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["src/Numerics"] = [],
        ["src/Sensing"] = ["src/Numerics"],
        ["src/Learning"] = ["src/Numerics"],
        ["src/Privacy"] = ["src/Numerics"],
        ["src/Hotspots"] = ["src/Sensing", "src/Numerics"],
        ["src/Federation"] = ["src/Learning", "src/Privacy", "src/Numerics"],
        ["src/actors/EmbeddedOrleans"] = ["src/Numerics"], // 0007: seeded draws
        ["src/actors/EmbeddedOrleans.Generator"] = [],
        ["src/adapters/Storage"] = ["grains/Contracts"], // 0003: ports are contracts
        ["grains/Contracts"] = ["src/Sensing", "src/Hotspots", "src/Learning", "src/actors/EmbeddedOrleans", "src/actors/EmbeddedOrleans.Generator"],
        ["grains/Grains"] = ["grains/Contracts", "src/actors/EmbeddedOrleans.Generator", "src/Federation", "src/Privacy", "src/Learning", "src/Hotspots", "src/Sensing", "src/Numerics"],
        ["src/adapters/Tables"] = [],
        ["src/adapters/Recordings"] = ["src/Sensing", "src/adapters/Tables"], // 0035: one reader of tables
        ["src/adapters/Geo"] = ["src/Hotspots", "src/adapters/Tables"], // 0035
        ["silo"] = ["src/adapters/Recordings", "grains/Grains", "grains/Contracts", "src/adapters/Storage", "src/adapters/Mqtt", "client/Wire"],
        ["client/Wire"] = [],
        ["client/Sdk"] = ["client/Wire"],
        ["client/OrleansSample"] = ["grains/Contracts"],
        ["src/adapters/OnnxRuntime"] = [],
        ["src/adapters/Mqtt"] = [],
        ["src/adapters/Video"] = [],
        ["client/Cli"] = ["silo", "src/adapters/Storage", "src/adapters/Geo", "src/adapters/Recordings", "src/adapters/Tables", "src/adapters/OnnxRuntime", "src/adapters/Video", "client/Edge", "simulation/Load", "simulation/InProcess", "simulation/City", "client/Sdk"],
        ["simulation/City"] = ["src/Hotspots", "src/Learning", "src/Privacy", "src/Sensing", "src/Numerics"], // 0026: what production would show
        ["client/Edge"] = ["src/Sensing", "src/Federation", "src/adapters/Mqtt"], // 0024: devices take part in rounds
        ["simulation/Load"] = ["simulation/City", "client/Wire", "client/Edge"], // 0022: virtual devices run the device's own link
        ["simulation/InProcess"] = ["simulation/City", "silo", "grains/Grains", "src/actors/EmbeddedOrleans"],
    };

    public static TheoryData<string> Projects => [.. Repository.Projects.Where(p => !p.StartsWith("tests/", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_imports_only_what_it_may(string project)
    {
        Assert.True(Allowed.TryGetValue(project, out var allowed), $"{project} is new: say here what it may import, with a page in docs/decisions");
        Assert.Empty(References(project).Except(allowed));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Science_knows_no_actors_no_hosting_and_no_third_party(string project)
    {
        if (!project.StartsWith("src/", StringComparison.Ordinal) || project.StartsWith("src/a", StringComparison.Ordinal)) return;
        Assert.Empty(Packages(project));
        foreach (var file in Repository.Sources(project))
        {
            var text = File.ReadAllText(file);
            Assert.False(text.Contains("using Orleans") || text.Contains("Microsoft.Extensions") || text.Contains("async Task"), $"{file} knows more than science should");
        }
    }

    [Fact]
    public void Rules_name_no_project_that_is_gone() => Assert.Empty(Allowed.Keys.Except(Repository.Projects));

    [Fact]
    public void Grains_do_not_know_which_runtime_they_are_on()
    {
        foreach (var file in Repository.Sources("grains/Grains").Concat(Repository.Sources("grains/Contracts")))
        {
            var text = File.ReadAllText(file);
            Assert.False(text.Contains("#if"), $"{file}: what differs between runtimes lives in the hosts");
            Assert.False(text.Contains("EmbeddedOrleans"), $"{file} names our host");
            Assert.False(text.Contains("Task.Run(") || text.Contains("ConfigureAwait"), $"{file} leaves its turn");
        }
    }

    private static IEnumerable<string> References(string project) =>
        Elements(project, "ProjectReference").Select(path => Path.GetRelativePath(Repository.Root, Path.GetFullPath(Path.Combine(Repository.Root, project, Path.GetDirectoryName(path)!))).Replace('\\', '/'));

    private static IEnumerable<string> Packages(string project) => Elements(project, "PackageReference");

    private static IEnumerable<string> Elements(string project, string name) =>
        XDocument.Load(Directory.GetFiles(Path.Combine(Repository.Root, project), "*.csproj").Single()).Descendants(name).Select(e => e.Attribute("Include")!.Value);
}
