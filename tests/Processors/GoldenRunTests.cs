using CitySafeSense.Portability;

namespace CitySafeSense.Processors;

/// <summary>Whole runs of the program beside what is recorded in tests/Golden/runs.json.</summary>
public class GoldenRunTests
{
    private static readonly GoldenFile golden = GoldenFile.Read(Path.Combine(AppContext.BaseDirectory, "Golden", "runs.json"));

    [Fact]
    public void Recorded_numbers_have_a_reason_for_their_last_change()
    {
        var (actual, explained) = golden.Digests;
        Assert.True(actual == explained, $"tests/Golden/runs.json holds numbers of digest {actual}, its last reason is for {explained}: record them with tests/record \"why\"");
    }

    [GoldenRunTheory("HAPT")]
    [InlineData("")]
    [InlineData("DOTNET_EnableAVX512=0")]
    public Task Federated_runs_on_HAPT_are_the_recorded_ones(string variable) => Reproduces("HAPT", variable);

    [GoldenRunTheory("MNIST")]
    [InlineData("")]
    public Task Federated_runs_on_MNIST_are_the_recorded_ones(string variable) => Reproduces("MNIST", variable);

    [GoldenRunTheory("simulated people")]
    [InlineData("")]
    [InlineData("DOTNET_EnableAVX2=0")]
    public Task Federated_runs_of_simulated_people_are_the_recorded_ones(string variable) => Reproduces("simulated people", variable);

    [GoldenRunTheory("rooms")]
    [InlineData("DOTNET_EnableAVX512=0")]
    public Task Rooms_are_the_recorded_ones(string variable) => Reproduces("rooms", variable);

    [GoldenRunTheory("city of flows")]
    [InlineData("GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX512F,-AVX512VL")]
    public Task A_city_of_flows_is_the_recorded_one(string variable) => Reproduces("city of flows", variable);

    private static async Task Reproduces(string name, string variable)
    {
        var run = GoldenRun.All.Single(r => r.Name == name);
        var program = Processor.Beside(Path.Combine("Embedded", "bin", "Cli", "release", "citysafe")) ?? throw new FileNotFoundException("citysafe has not been built");
        var (hash, table) = await run.Run(program, variable.Length == 0 ? [] : [variable]);
        var (expectedHash, expectedTable) = golden.Run(name);
        Assert.Equal(expectedTable.ToJsonString(), table.ToJsonString());
        Assert.Equal(expectedHash, hash);
    }
}

/// <summary>A test of a recorded run, skipped where its recordings are absent.</summary>
public sealed class GoldenRunTheoryAttribute : TheoryAttribute
{
    public GoldenRunTheoryAttribute(string name)
    {
        var run = GoldenRun.All.Single(r => r.Name == name);
        if (run.DataFolder is null) Skip = $"{run.Data} is absent: set CITYSAFE_DATA to the folder that holds it";
    }
}
