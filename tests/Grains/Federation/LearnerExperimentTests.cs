using CitySafeSense.Contracts;
using CitySafeSense.Federation;
using CitySafeSense.InProcess;
using CitySafeSense.Learning;
using CitySafeSense.Science;
using CitySafeSense.Sensing.Recordings;

namespace CitySafeSense.Tests.Federation;

/// <summary>Learners with examples of any kind, through the same rounds as devices.</summary>
public class LearnerExperimentTests
{
    private static readonly ExamplePopulation People = Clouds.Of(16, 40);

    [Fact]
    public async Task Liars_pull_the_mean_down_and_robust_rules_do_not_follow()
    {
        var liars = new Liars(Lie.SignFlip, People.Clients.Take(4).ToHashSet());
        async Task<double> Accuracy(string rule, Liars? who) => (await FederatedExperiment.Run(People, "fedavg", Options(12) with { Aggregation = rule, Liars = who })).Personal.Pooled.Accuracy;
        var honest = await Accuracy("mean", null);
        Assert.True(honest > 0.75, $"honest {honest}");
        var fooled = await Accuracy("mean", liars);
        Assert.True(fooled < honest - 0.2, $"{fooled} of {honest}");
        foreach (var rule in new[] { "median", "trimmed:0.25", "krum:4", "multi-krum:4" })
        {
            var robust = await Accuracy(rule, liars);
            Assert.True(robust > honest - 0.12, $"{rule}: {robust} of {honest}");
        }
        var little = await Accuracy("mean", liars with { Lie = Lie.ALittle });
        Assert.NotEqual(honest, little);
    }

    /// <summary>Recordings have fill values and empty people in them; neither may keep a round waiting.</summary>
    [Fact]
    public async Task Client_that_cannot_train_declines_and_one_that_has_nothing_is_left_out()
    {
        var learners = People.Clients.ToDictionary(c => c, c => new LearnerExamples(People.Training(c), People.HeldOut(c)));
        learners["learner-03"] = learners["learner-03"] with { Training = new Examples([], [], 6) };
        var idle = await FederatedExperiment.Run(new ExamplePopulation(Clouds.Spec, learners), "fedavg", Options(2));
        Assert.Equal([15, 15], idle.Rounds.Select(r => r.Reported));

        var broken = Enumerable.Range(0, 6 * 40).Select(i => i < 6 ? float.MaxValue * (i % 2 == 0 ? 1 : -1) : 0.5f).ToArray();
        learners["learner-05"] = learners["learner-05"] with { Training = new Examples(broken, new int[40], 6) };
        // Where some may be missing, the round goes on without it and says so; where all are wanted it ends the run by its name.
        var without = await FederatedExperiment.Run(new ExamplePopulation(Clouds.Spec, learners), "fedavg", Options(2) with { Dropout = 1e-9 });
        Assert.All(without.Rounds, r => Assert.Equal((14, true), (r.Reported, r.Declined.StartsWith("1 client declined: learner-05: ", StringComparison.Ordinal))));
        var refused = await Assert.ThrowsAsync<ExperimentException>(() => FederatedExperiment.Run(new ExamplePopulation(Clouds.Spec, learners), "fedavg", Options(2)));
        Assert.Contains("14 of at least 15 reports and nobody else can; 1 client declined: learner-05", refused.Message);
    }

    [Fact]
    public async Task Who_drops_out_is_decided_by_the_seed_and_nobody_waits_for_them()
    {
        var options = Options(6) with { Dropout = 0.4 };
        var (once, again) = (await FederatedExperiment.Run(People, "fedavg", options with { Workers = 1 }), await FederatedExperiment.Run(People, "fedavg", options));
        Assert.Equal(once.FinalModel, again.FinalModel);
        Assert.Equal(once.Rounds.Select(r => r.Reported), again.Rounds.Select(r => r.Reported));
        Assert.InRange(once.Rounds.Average(r => r.Reported), 7, 12.5); // 9.6 of 16 are expected
        Assert.True(once.Rounds.Select(r => r.Reported).Distinct().Count() > 1);
    }

    [Theory]
    [InlineData("float16", 0.51)]
    [InlineData("int8", 0.3)]
    [InlineData("top-k:0.1", 0.25)]
    public async Task Codecs_send_less_and_learn_nearly_as_much(string codec, double share)
    {
        var (plain, coded) = (await FederatedExperiment.Run(People, "fedavg", Options(12)), await FederatedExperiment.Run(People, "fedavg", Options(12) with { Codec = codec }));
        Assert.True(coded.Rounds[^1].UpdateBytes <= share * plain.Rounds[^1].UpdateBytes);
        Assert.True(coded.Personal.Pooled.Accuracy > plain.Personal.Pooled.Accuracy - 0.1, $"{coded.Personal.Pooled.Accuracy}");
        Assert.NotEqual(plain.FinalModel, coded.FinalModel);
    }

    [Fact]
    public async Task Private_rounds_stop_at_their_budget_and_say_what_they_spent()
    {
        var options = Options(30) with { Sample = 0.5, UpdateNormMax = 0.5, Privacy = new PrivacyTerms(1, 0.5, 1e-5, 10, AdaptsClipping: false) };
        var run = await FederatedExperiment.Run(People, "fedavg", options);
        Assert.InRange(run.Rounds.Count, 2, 20);
        Assert.Contains("of a budget of 10", run.Rounds[^1].Stopped);
        Assert.InRange(run.Rounds[^1].Epsilon!.Value, 5, 10);
        Assert.Equal(run.Rounds.Select(r => r.Epsilon), run.Rounds.Select(r => r.Epsilon).Order());
        Assert.True(run.Rounds.Select(r => r.Reported).Distinct().Count() > 1, "everybody joins by chance");
        var again = await FederatedExperiment.Run(People, "fedavg", options with { Workers = 1 });
        Assert.Equal(run.FinalModel, again.FinalModel);
    }

    [Fact]
    public async Task Without_labels_nobody_trains_and_the_model_stays_as_it_was()
    {
        var none = new ExamplePopulation(Clouds.Spec, People.Clients.ToDictionary(c => c, c => new LearnerExamples(new Examples([], [], 6), People.HeldOut(c))));
        var run = await FederatedExperiment.Run(none, "fedavg", Options(3));
        var start = new ParameterVector(new Grains.ModelRuntime(Clouds.Spec).Model.Initialise(1)).Hash;
        Assert.Equal(start, run.FinalModel);
        Assert.All(run.Rounds, r => Assert.Contains("can take part", r.Stopped));
    }

    [Fact]
    public async Task Newcomers_are_judged_and_never_trained_on()
    {
        var all = Clouds.Of(16, 40, ["learner-03", "learner-07"]);
        var run = await FederatedExperiment.Run(all, "fedavg-ft", Options(8));
        Assert.Equal((14, 2), (run.Personal.PerClient.Count, run.Newcomers!.PerClient.Count));
        Assert.All(run.Rounds, r => Assert.Equal(14, r.Reported));
        Assert.True(run.Newcomers.Pooled.Accuracy > 0.6);
    }

    /// <summary>The authors' code on MNIST (the figures of FedALA's own split): models on receipt, before they train again.</summary>
    [RecordingsFact("mnist_dir01_20clients.npz")]
    public async Task First_five_rounds_are_those_of_the_authors()
    {
        using var stream = File.OpenRead(RecordingsFactAttribute.Find("mnist_dir01_20clients.npz")!);
        using var archive = new NpzArchive(stream, "mnist");
        var rows = ClientArchive.Read(archive);
        using var weights = File.OpenRead(RecordingsFactAttribute.Find("mnist_mlp_init.npz")!);
        using var init = new NpzArchive(weights, "init");
        var spec = new ModelSpec("mlp", 1, 28, 10, [], [], 28, "hidden=100", LearningInput.Examples);
        var start = WeightImport.Of(new Grains.ModelRuntime(spec).Model.Layout, init.Names.ToDictionary(n => n, n => (init.Read(n).Shape, init.Read(n).AsDouble().Select(v => (float)v).ToArray())));
        var population = new ExamplePopulation(spec, rows.Clients.ToDictionary(c => c.Client, c => new LearnerExamples(new Examples(c.Training, c.TrainingLabels, rows.RowLength), new Examples(c.Test, c.TestLabels, rows.RowLength))));
        var options = Options(5) with
        {
            Seed = 0,
            Start = new ParameterVector(start),
            Training = new LocalTrainingOptions { LearningRate = 0.005, BatchSize = 10, Momentum = 0, GradientNormMax = 1e9, IncompleteBatch = IncompleteBatch.Drop },
        };
        foreach (var (strategy, first, fifth, tolerance) in new[] { ("fedavg", 32.6, 65.15, 1.0), ("fedala", 87.25, 94.6, 0.5), ("local", 93.05, 96.3, 0.5) })
        {
            var run = await FederatedExperiment.Run(population, strategy, options);
            Assert.Equal(first, 100 * run.Rounds[0].Accuracy, tolerance);
            Assert.Equal(fifth, 100 * run.Rounds[4].Accuracy, tolerance);
        }
    }

    private static ExperimentOptions Options(int rounds) => new() { Rounds = rounds, Seed = 1, Workers = 2, Training = new LocalTrainingOptions { Epochs = 2, BatchSize = 8 } };
}
