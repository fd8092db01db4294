using System.Diagnostics;
using CitySafeSense.Contracts;
using CitySafeSense.Federation;
using CitySafeSense.Grains;
using CitySafeSense.Learning;
using CitySafeSense.Sensing;

namespace CitySafeSense.InProcess;

/// <summary>One client of an experiment: what it trains on and what it is judged on.</summary>
public sealed record ExperimentClient(string Name, IReadOnlyList<(SensorWindow Window, int Label)> Training, IReadOnlyList<(SensorWindow Window, int Label)> Test);

/// <summary>What a federated experiment is told.</summary>
public sealed record ExperimentOptions
{
    public required int Rounds { get; init; }
    public required ulong Seed { get; init; }
    public required int Classes { get; init; }
    public int Workers { get; init; } = Environment.ProcessorCount;
    public LocalTrainingOptions Training { get; init; } = new();

    /// <summary>What a test puts in place of the mean.</summary>
    public IServerOptimiser? Server { get; init; }
}

/// <summary>One round as everybody sees it once it is over: every client's model between rounds, judged on that client's own test windows.</summary>
public sealed record ExperimentRound(int Round, double Loss, double Accuracy, double Seconds);

/// <summary>A strategy's run.</summary>
public sealed record ExperimentRun(
    string Strategy, IReadOnlyList<ExperimentRound> Rounds, Classification Pooled, IReadOnlyList<Classification> PerClient, string FinalModel, double TrainingLoss);

/// <summary>Runs strategies over clients through the very grains that a silo runs: windows are ingested, rounds started, devices asked. It only drives and adds up.</summary>
public static class FederatedExperiment
{
    private const string Population = "experiment";

    public static async Task<ExperimentRun> Run(
        IReadOnlyList<ExperimentClient> clients, string strategy, ExperimentOptions options, Action<ExperimentRound>? progress = null)
    {
        var city = new CityOptions { Privacy = PrivacyMode.Simulation, Population = Population };
        await using var cluster = new InProcessCluster(city, options.Workers, options.Seed, options.Server);
        var scaling = ChannelScaling.Fit(WindowSchema.Default, clients.SelectMany(c => c.Training).Select(w => w.Window));
        await cluster.Grains.GetGrain<IModelGrain>(Population).Initialise(ModelRuntime.SpecFor(options.Classes, scaling), options.Seed);
        foreach (var client in clients) await Ingest(cluster, client);

        var rounds = cluster.Grains.GetGrain<IFederatedRoundGrain>(Population);
        var terms = Terms(strategy, clients.Count, options);
        var history = new List<ExperimentRound>();
        (IReadOnlyList<Classification> PerClient, double Loss) judged = ([], double.NaN);
        RoundStatus status = null!;
        ModelInfo model = null!;
        for (var r = 1; r <= options.Rounds; r++)
        {
            var started = Stopwatch.GetTimestamp();
            var number = await rounds.Start(terms);
            do status = await rounds.Watch(number, Limits.Patience);
            while (status.Ended is null);
            if (status.Phase != nameof(RoundPhase.Committed)) throw new InvalidOperationException($"{strategy}, round {number} was abandoned: {status.Outcome}");
            model = (await cluster.Grains.GetGrain<IModelGrain>(Population).Current())!;
            judged = await Judge(cluster, clients, new Invitation(Population, number + 1, model, terms), options.Classes);
            history.Add(new ExperimentRound(r, judged.Loss, Sum(judged.PerClient, options.Classes).Accuracy, Stopwatch.GetElapsedTime(started).TotalSeconds));
            progress?.Invoke(history[^1]);
        }
        return new ExperimentRun(strategy, history, Sum(judged.PerClient, options.Classes), judged.PerClient, model.Hash, status.MeanLoss);
    }

    /// <summary>Everybody takes part and nobody drops out, so the outcome does not depend on who is fast.</summary>
    public static RoundTerms Terms(string strategy, int clients, ExperimentOptions options) => RoundTermsMapping.Default(strategy, clients, options.Seed) with
    {
        OverSelection = 1,
        MinimumFraction = 1,
        Deadline = TimeSpan.FromHours(1),
        Epochs = options.Training.Epochs,
        BatchSize = options.Training.BatchSize,
        Optimiser = RoundTermsMapping.NameOf(options.Training.Optimiser),
        LearningRate = options.Training.LearningRate,
        Momentum = options.Training.Momentum,
        GradientNormMax = options.Training.GradientNormMax,
        DropIncompleteBatch = options.Training.IncompleteBatch == IncompleteBatch.Drop,
    };

    private static async Task Ingest(InProcessCluster cluster, ExperimentClient client)
    {
        var device = cluster.Grains.GetGrain<IDeviceGrain>(client.Name);
        for (var i = 0; i < client.Training.Count; i++) await device.Ingest(Frame(client.Name, (ulong)i, client.Training[i]));
    }

    private static async Task<(IReadOnlyList<Classification>, double Loss)> Judge(
        InProcessCluster cluster, IReadOnlyList<ExperimentClient> clients, Invitation received, int classes)
    {
        var reports = await Task.WhenAll(clients.Select(c => cluster.Grains.GetGrain<IDeviceGrain>(c.Name)
            .Evaluate(received, [.. c.Test.Select((w, i) => Frame(c.Name, (ulong)i, w))])));
        var windows = clients.Sum(c => c.Test.Count);
        var loss = reports.Zip(clients, (r, c) => c.Test.Count == 0 ? 0 : r.Loss * c.Test.Count).Sum() / windows;
        return ([.. reports.Select(r => Classification.FromCounts(classes, r.Counts))], loss);
    }

    private static Classification Sum(IEnumerable<Classification> parts, int classes)
    {
        var sum = new Classification(classes);
        foreach (var part in parts) sum.Add(part);
        return sum;
    }

    private static ImmutableArray<byte> Frame(string device, ulong sequence, (SensorWindow Window, int Label) window) =>
        [.. WindowFrame.Encode(new WindowHeader(device, 1, sequence, 0, 0, 0, (byte)window.Label), window.Window)];
}
