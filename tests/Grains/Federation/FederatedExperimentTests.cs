using CitySafeSense.Contracts;
using CitySafeSense.Federation;
using CitySafeSense.Grains;
using CitySafeSense.InProcess;
using CitySafeSense.Learning;
using CitySafeSense.Numerics;
using CitySafeSense.Sensing;
using CitySafeSense.Sensing.Generator;

namespace CitySafeSense.Tests.Federation;

/// <summary>The grains of a silo, driven as `simulate fl` drives them.</summary>
public class FederatedExperimentTests
{
    private static readonly IReadOnlyList<ExperimentClient> Clients = Draw(8, 48);

    /// <summary>A user's own strategy, in one class: what training sends is thrown away, and the model is zeros.</summary>
    private sealed class Zeros : IStrategyFamily, IServerOptimiser
    {
        public Strategy Create() => new("zeros", StartingPoint.Global, Contribution.Sent, PersonalModelRule.Global) { Server = this };

        public ServerStep Step(ReadOnlySpan<float> weights, ReadOnlySpan<float> change, ServerMemory memory, double rate, double participation) => new(new float[weights.Length], ServerMemory.None);
    }

    public static TheoryData<string> Strategies => [.. Strategy.All.Select(s => s.Name)];

    [Theory]
    [MemberData(nameof(Strategies))]
    public async Task Grains_and_a_plain_loop_make_the_same_weights_to_the_bit(string strategy)
    {
        var options = Options(3);
        var run = await FederatedExperiment.Run(new WindowPopulation(Clients, ActivityClasses.Count), strategy, options);
        Assert.Equal(PlainLoop(strategy, options), run.FinalModel);
    }

    [Fact]
    public async Task Same_seed_gives_the_same_numbers_on_one_worker_or_two_and_another_seed_gives_others()
    {
        var one = await FederatedExperiment.Run(new WindowPopulation(Clients, ActivityClasses.Count), "fedala", Options(2) with { Workers = 1 });
        var two = await FederatedExperiment.Run(new WindowPopulation(Clients, ActivityClasses.Count), "fedala", Options(2) with { Workers = 2 });
        var other = await FederatedExperiment.Run(new WindowPopulation(Clients, ActivityClasses.Count), "fedala", Options(2) with { Seed = 2 });
        Assert.Equal(one.FinalModel, two.FinalModel);
        Assert.Equal(one.Rounds.Select(r => (r.Loss, r.Accuracy)), two.Rounds.Select(r => (r.Loss, r.Accuracy)));
        Assert.Equal(one.Personal.Pooled.Counts, two.Personal.Pooled.Counts);
        Assert.NotEqual(one.FinalModel, other.FinalModel);
    }

    [Fact]
    public async Task Training_learns_aggregating_zeros_collapses_it_and_permuted_labels_give_chance()
    {
        var people = Draw(24, 60);
        var options = Options(10) with { Training = new LocalTrainingOptions { Epochs = 4, BatchSize = 8, Optimiser = LocalOptimiser.Adam, LearningRate = 0.004 } };
        Strategy.Add(new Zeros().Create());
        var learned = await FederatedExperiment.Run(new WindowPopulation(people, ActivityClasses.Count), "fedavg", options);
        var zeroed = await FederatedExperiment.Run(new WindowPopulation(people, ActivityClasses.Count), "zeros", options with { Rounds = 2 });
        var permuted = await FederatedExperiment.Run(new WindowPopulation([.. people.Select(Permuted)], ActivityClasses.Count), "fedavg", options);
        var chance = learned.Personal.Pooled.MajorityAccuracy;
        Assert.True(learned.Personal.Pooled.Accuracy > chance + 0.15, $"learned {learned.Personal.Pooled.Accuracy:P1}, majority {chance:P1}");
        Assert.True(zeroed.Personal.Pooled.Accuracy <= chance + 0.001, $"zeros in place of the mean still reach {zeroed.Personal.Pooled.Accuracy:P1}");
        Assert.True(permuted.Personal.Pooled.Accuracy <= chance + 0.06, $"permuted labels still reach {permuted.Personal.Pooled.Accuracy:P1}, majority {chance:P1}");
    }

    [Fact]
    public async Task Local_strategy_sends_nothing_and_leaves_the_global_model_alone()
    {
        var run = await FederatedExperiment.Run(new WindowPopulation(Clients, ActivityClasses.Count), "local", Options(2));
        var model = new ModelRuntime(Spec());
        Assert.Equal(new ParameterVector(model.Model.Initialise(1)).Hash, run.FinalModel);
        Assert.NotEqual(run.Personal.PerClient[0].Counts, run.Personal.PerClient[1].Counts);
    }

    [Fact]
    public async Task Fine_tuning_is_judged_after_the_local_step_of_the_same_global_model()
    {
        var plain = await FederatedExperiment.Run(new WindowPopulation(Clients, ActivityClasses.Count), "fedavg", Options(2));
        var tuned = await FederatedExperiment.Run(new WindowPopulation(Clients, ActivityClasses.Count), "fedavg-ft", Options(2));
        Assert.Equal(plain.FinalModel, tuned.FinalModel);
        Assert.NotEqual(plain.Personal.Pooled.Counts, tuned.Personal.Pooled.Counts);
    }

    [Fact]
    public async Task Round_with_too_few_clients_is_abandoned_with_the_reason()
    {
        await using var cluster = new InProcessCluster(new CityOptions { Privacy = PrivacyMode.Simulation }, 1, 1);
        await cluster.Grains.GetGrain<IModelGrain>("default").Initialise(Spec(), 1);
        var rounds = cluster.Grains.GetGrain<IFederatedRoundGrain>("default");
        var number = await rounds.Start(RoundTermsMapping.Default("fedavg", 10, 1));
        var status = await rounds.Watch(number, TimeSpan.FromSeconds(5));
        Assert.Equal(("Abandoned", "0 clients can take part, at least 7 are needed"), (status.Phase, status.Outcome));
        await Assert.ThrowsAsync<ArgumentException>(() => rounds.Start(RoundTermsMapping.Default("fedsomething", 10, 1)));
    }

    /// <summary>The twin: the same science in a loop, no grain, no message, no storage.</summary>
    private static string PlainLoop(string strategy, ExperimentOptions options)
    {
        var runtime = new ModelRuntime(Spec());
        var (model, workspace) = (runtime.Model, runtime.Model.CreateWorkspace());
        var (science, global, memory) = (Strategy.Named(strategy), model.Initialise(options.Seed), ServerMemory.None);
        var personal = new PersonalModel?[Clients.Count];
        var examples = Clients.Select(c => runtime.Examples(c.Training)).ToArray();
        if (science.Arrival == Arrival.Buffered) return PlainBuffer(strategy, options);
        for (var round = 1; round <= options.Rounds; round++)
        {
            var instructions = FederatedExperiment.Terms(strategy, Clients.Count, options).ToInstructions(round);
            var sum = new MeanAggregation(science.UpdateLength(global.Length), 50);
            var received = new ReceivedModel(global, memory.IsEmpty ? [] : memory.Vectors[0]);
            for (var c = Clients.Count - 1; c >= 0; c--)
            {
                var result = ClientStep.Run(model, received, personal[c], examples[c], instructions, Clients[c].Name, workspace);
                personal[c] = result.Personal ?? personal[c];
                if (result.Delta is { } delta) sum.Add(Clients[c].Name, delta, result.Samples);
            }
            if (sum.Updates > 0) (global, memory) = science.Server.Step(global, sum.Finish(), memory, 0, 1);
        }
        return new ParameterVector(global).Hash;
    }

    /// <summary>The same of updates that are buffered: three of eight are enough, and whoever is at work goes on.</summary>
    private static string PlainBuffer(string strategy, ExperimentOptions options)
    {
        var (runtime, terms) = (new ModelRuntime(Spec()), FederatedExperiment.Terms(strategy, Clients.Count, options));
        var (model, workspace, now) = (runtime.Model, runtime.Model.CreateWorkspace(), 0.0);
        var global = model.Initialise(options.Seed);
        var working = new List<(double Done, string Client, int Round, float[] Basis)>();
        for (var round = 1; round <= options.Rounds; round++)
        {
            var basis = global;
            string[] idle = [.. Clients.Select(c => c.Name).Except(working.Select(w => w.Client)).Order(StringComparer.Ordinal)];
            Rng.For(options.Seed, "select", $"{round}").Shuffle<string>(idle);
            foreach (var client in idle.Take((int)Math.Ceiling(terms.Goal * terms.OverSelection) - working.Count)) working.Add((now + VirtualNetwork.Duration(options.Seed, client, round), client, round, basis));
            working.Sort((a, b) => a.Done.CompareTo(b.Done));
            var sum = new MeanAggregation(global.Length, 50);
            foreach (var (done, client, started, from) in working.Take(terms.Goal))
            {
                var examples = runtime.Examples(Clients.Single(c => c.Name == client).Training);
                var result = ClientStep.Run(model, new ReceivedModel(from), null, examples, terms.ToInstructions(started), client, workspace);
                sum.Add(client, Staleness.Scaled(result.Delta!, round - started), result.Samples);
                now = done;
            }
            working.RemoveRange(0, terms.Goal);
            (global, _) = new MeanServerOptimiser().Step(global, sum.Finish(), ServerMemory.None, 0, 1);
        }
        return new ParameterVector(global).Hash;
    }

    private static ModelSpec Spec() => ModelRuntime.SpecFor(
        ActivityClasses.Count, ChannelScaling.Fit(WindowSchema.Default, Clients.SelectMany(c => c.Training).Select(w => w.Window)));

    private static ExperimentOptions Options(int rounds) => new() { Rounds = rounds, Seed = 1, Workers = 2 };

    private static ExperimentClient Permuted(ExperimentClient client)
    {
        int[] labels = [.. client.Training.Select(w => w.Label)];
        Rng.For(3, client.Name).Shuffle<int>(labels);
        return client with { Training = [.. client.Training.Select((w, i) => (w.Window, labels[i]))] };
    }

    private static IReadOnlyList<ExperimentClient> Draw(int people, int windows) => [.. Enumerable.Range(0, people).Select(p =>
    {
        (SensorWindow, int)[] drawn = [.. SyntheticPeople.Draw(1, p, windows).Select(w => (w.Window, (int)w.Label))];
        return new ExperimentClient($"person-{p:D3}", drawn[..(windows * 2 / 3)], drawn[(windows * 2 / 3)..]);
    })];
}
