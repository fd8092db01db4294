using System.Text.Json.Nodes;

namespace CitySafeSense.EndToEnd;

/// <summary>`verify privacy`, which exists where the in-process host does; `privacy plan` beside it.</summary>
public sealed class PrivacyCommandTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("citysafe-test-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task No_attack_comes_through_and_no_id_is_found()
    {
        var run = await Citysafe.Run(folder, "verify", "privacy", "--seed", "3", "--json");
        var answer = JsonNode.Parse(run.Output)!;
        Assert.Equal((0, 0), (run.Code, (int)answer["violations"]!));
        Assert.Equal(12, answer["attacks"]!.AsObject().Count);
        Assert.Equal(200, (int)answer["attacks"]!["planted_ids"]!["tries"]!);
    }

    [Fact]
    public async Task Id_in_a_cell_is_found()
    {
        var run = await Citysafe.Run(folder, "verify", "privacy", "--plant", "id-in-cell", "--json");
        Assert.Equal(1, run.Code);
        Assert.InRange((int)JsonNode.Parse(run.Output)!["attacks"]!["planted_ids"]!["violations"]!, 200, int.MaxValue);
    }

    [Fact]
    public async Task Plan_prints_what_a_fleet_of_a_size_would_show()
    {
        var small = JsonNode.Parse((await Citysafe.Run(folder, "privacy", "plan", "--devices", "10000", "--json")).Output)!;
        var large = JsonNode.Parse((await Citysafe.Run(folder, "privacy", "plan", "--devices", "1000000", "--json")).Output)!;
        Assert.Equal([24, 56, 168], large["plans"]!.AsArray().Select(p => (int)p!["slots"]!));
        Assert.Equal((13.635, 84.77, 0), (Math.Round((double)small["plans"]![0]!["sigma"]!, 3), (double)small["plans"]![0]!["threshold"]!, (double)small["plans"]![0]!["visible_slots"]!));
        Assert.InRange((double)large["plans"]![0]!["visible_slots"]!, 0.9, 1);
    }

    [Theory]
    [InlineData("verify privacy --plant all", 2, "k-minus-one")]
    [InlineData("privacy plan", 2, "--devices")]
    [InlineData("privacy plan --devices 0", 2, "--devices must be")]
    [InlineData("privacy plan --devices 5 --slots 24 200", 2, "--slots 200")]
    [InlineData("privacy plan --devices 5 --delta 1", 2, "--delta must be")]
    public async Task Misuse_is_one_clear_line_on_stderr(string arguments, int code, string says)
    {
        var run = await Citysafe.Run(folder, arguments.Split(' '));
        Assert.Equal((code, ""), (run.Code, run.Output));
        Assert.Contains(says, run.Error);
        Assert.InRange(run.Error.Trim().Split('\n').Length, 1, 2);
    }
}
