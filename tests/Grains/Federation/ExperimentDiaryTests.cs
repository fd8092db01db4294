using CitySafeSense.Federation;
using CitySafeSense.InProcess;

namespace CitySafeSense.Tests.Federation;

public sealed class ExperimentDiaryTests : IDisposable
{
    private static readonly ExamplePopulation People = Clouds.Of(8, 24);
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("citysafe-diary-");

    [Theory]
    [InlineData("fedala", "int8")]
    [InlineData("scaffold", "none")]
    public async Task Experiment_that_was_interrupted_goes_on_as_if_it_had_not_been(string strategy, string codec)
    {
        var options = Options(5) with { Codec = codec };
        var whole = await FederatedExperiment.Run(People, strategy, options);
        var stored = options with { StateFolder = folder.FullName };
        await FederatedExperiment.Run(People, strategy, stored with { Rounds = 2 });
        var seen = new List<int>();
        var resumed = await FederatedExperiment.Run(People, strategy, stored, r => seen.Add(r.Round));
        Assert.Equal(whole.FinalModel, resumed.FinalModel);
        Assert.Equal(whole.Rounds.Select(r => r with { Seconds = 0 }), resumed.Rounds.Select(r => r with { Seconds = 0 }));
        Assert.Equal(whole.Personal.Pooled.Counts, resumed.Personal.Pooled.Counts);
        Assert.Equal(whole.Personal.KeptBytes, resumed.Personal.KeptBytes);
        Assert.Equal([1, 2, 3, 4, 5], seen);
        var again = await FederatedExperiment.Run(People, strategy, stored); // nothing is left to do
        Assert.Equal(whole.FinalModel, again.FinalModel);
    }

    [Fact]
    public async Task Folder_of_another_experiment_is_refused_and_so_is_what_cannot_go_on_the_same()
    {
        var stored = Options(1) with { StateFolder = folder.FullName };
        await FederatedExperiment.Run(People, "fedavg", stored);
        var other = await Assert.ThrowsAsync<ArgumentException>(() => FederatedExperiment.Run(People, "fedavg", stored with { Codec = "float16" }));
        Assert.Contains("holds another experiment", other.Message);
        await Assert.ThrowsAsync<ArgumentException>(() => FederatedExperiment.Run(Clouds.Of(8, 25), "fedavg", stored));
        Assert.Contains("fedbuff", (await Assert.ThrowsAsync<ArgumentException>(() => FederatedExperiment.Run(People, "fedbuff", stored))).Message);
    }

    [Fact]
    public async Task What_clients_keep_is_counted_by_strategy()
    {
        async Task<double> Kept(string strategy) => (await FederatedExperiment.Run(People, strategy, Options(1))).Personal.KeptBytes;
        var parameters = new Grains.ModelRuntime(Clouds.Spec).Model.Layout.Length;
        Assert.Equal(0, await Kept("fedavg"));
        Assert.Equal(65 + 2 * parameters, await Kept("fedala-channel"));
        Assert.Equal(65 + 4 * parameters, await Kept("scaffold"));
        Assert.Equal(65 + 2 * parameters, await Kept("ditto"));
    }

    public void Dispose() => folder.Delete(recursive: true);

    private static ExperimentOptions Options(int rounds) => new() { Rounds = rounds, Seed = 1, Workers = 2, Judging = Judging.AfterTraining, Training = new LocalTrainingOptions { BatchSize = 8 } };
}
