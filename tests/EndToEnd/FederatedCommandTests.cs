using System.Text.Json.Nodes;

namespace CitySafeSense.EndToEnd;

/// <summary>`simulate fl`, which exists where the in-process host does.</summary>
public sealed class FederatedCommandTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("citysafe-test-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("simulate fl --clients 4 --secagg", 2, "at least 32 clients")]
    [InlineData("simulate fl --data missing.npz", 2, "--data missing.npz: there is no such file")]
    [InlineData("simulate fl --strategy fedsomething", 2, "choose from fedavg")]
    [InlineData("simulate fl --rounds 0", 2, "--rounds must be 1 to 10000")]
    [InlineData("simulate fl --rounds many", 2, "many")]
    public async Task Misuse_is_one_clear_line_on_stderr(string arguments, int code, string says)
    {
        var run = await Citysafe.Run(folder, arguments.Split(' '));
        Assert.Equal((code, ""), (run.Code, run.Output));
        Assert.Contains(says, run.Error);
        Assert.InRange(run.Error.Trim().Split('\n').Length, 1, 2);
    }

    [Fact]
    public async Task Truncated_archive_names_file_and_remedy()
    {
        var path = Path.Combine(folder, "cut.npz");
        await File.WriteAllBytesAsync(path, [0x50, 0x4b, 3, 4, 20, 0, 0, 0]);
        var run = await Citysafe.Run(folder, "simulate", "fl", "--data", path);
        Assert.Equal((1, ""), (run.Code, run.Output));
        Assert.Contains("cut.npz: not a whole .npz archive", run.Error);
        Assert.Contains("fetch it again", run.Error);
    }

    [Fact]
    public async Task Federated_simulation_prints_json_on_stdout_that_only_differs_in_seconds()
    {
        var first = await Citysafe.Run(folder, "simulate", "fl", "--clients", "4", "--windows", "24", "--rounds", "2", "--strategy", "fedavg,local", "--workers", "1", "--json");
        var second = await Citysafe.Run(folder, "simulate", "fl", "--clients", "4", "--windows", "24", "--rounds", "2", "--strategy", "fedavg,local", "--workers", "2", "--json");
        Assert.Equal((0, 0), (first.Code, second.Code));
        var (a, b) = (JsonNode.Parse(first.Output)!.AsObject(), JsonNode.Parse(second.Output)!.AsObject());
        Assert.Equal(["data", "clients", "newcomers", "model", "parameters", "seed", "aggregation", "codec", "liars", "privacy", "test_per_class", "runs", "seconds"], a.Select(p => p.Key));
        WithoutSeconds(a);
        WithoutSeconds(b);
        Assert.Equal(a.ToJsonString(), b.ToJsonString());
    }

    private static void WithoutSeconds(JsonNode? node)
    {
        if (node is JsonArray array)
            foreach (var item in array) WithoutSeconds(item);
        if (node is not JsonObject thing) return;
        foreach (var name in thing.Select(p => p.Key).ToArray())
            if (name.Contains("second", StringComparison.Ordinal)) thing.Remove(name);
            else WithoutSeconds(thing[name]);
    }
}
