using System.Diagnostics;
using CitySafeSense.Contracts;
using CitySafeSense.Contracts.Ports;
using CitySafeSense.Federation;
using CitySafeSense.Grains;
using CitySafeSense.Learning;
using Microsoft.Extensions.DependencyInjection;

namespace CitySafeSense.InProcess;

/// <summary>What is judged after every round; after the last one it is everything.</summary>
public enum Judging
{
    Nothing,

    /// <summary>The global model, and those that clients use when they have received it.</summary>
    OnReceipt,

    /// <summary>These, and what becomes of them by one more local step.</summary>
    AfterTraining,
}

/// <summary>What a federated experiment is told.</summary>
public sealed record ExperimentOptions
{
    public required int Rounds { get; init; }
    public required ulong Seed { get; init; }
    public int Workers { get; init; } = Environment.ProcessorCount;
    public LocalTrainingOptions Training { get; init; } = new();

    /// <summary>Share of the clients that takes part in a round.</summary>
    public double Sample { get; init; } = 1;

    /// <summary>Share of those invited that never reports.</summary>
    public double Dropout { get; init; }

    public string Aggregation { get; init; } = "mean";
    public string Codec { get; init; } = "none";
    public double ProximalWeight { get; init; } = 0.1;
    public double ServerRate { get; init; }
    public double UpdateNormMax { get; init; } = 50;
    public PrivacyTerms? Privacy { get; init; }
    public Liars? Liars { get; init; }

    /// <summary>Nothing where the server sees single updates.</summary>
    public SecureSumTerms? SecureSum { get; init; }

    public Judging Judging { get; init; } = Judging.OnReceipt;

    /// <summary>Folder in which everything is stored as a silo stores it, so that the experiment can go on after an interruption; in memory where left out.</summary>
    public string? StateFolder { get; init; }

    /// <summary>Weights to begin with, where they are not drawn from the seed.</summary>
    public ParameterVector? Start { get; init; }
}

/// <summary>One round as everybody sees it once it is over, on every client's own held-out examples.</summary>
/// <param name="Accuracy">Of the models that clients use between rounds, on receipt.</param>
/// <param name="TrainedAccuracy">Of the same after one more local step, where that is judged.</param>
/// <param name="GlobalAccuracy">Of the global model.</param>
/// <param name="Stopped">Why the round was abandoned, or why none came after it; nothing where it was committed and went on.</param>
/// <param name="Declined">Which clients did not report, and why, in words; empty where none declined.</param>
public sealed record ExperimentRound(int Round, double Loss, double Accuracy, double? TrainedAccuracy, double GlobalAccuracy, int Reported, long UpdateBytes, double? Epsilon, string? Stopped, double Seconds, string Declined = "");

/// <summary>Every client's model, judged on that client's own held-out examples.</summary>
/// <param name="KeptBytes">Stored for each, on average.</param>
public sealed record JudgedClients(IReadOnlyList<Classification> PerClient, double Loss, double KeptBytes)
{
    public Classification Pooled { get; } = Sum(PerClient);

    private static Classification Sum(IReadOnlyList<Classification> parts)
    {
        var sum = new Classification(parts[0].Classes);
        foreach (var part in parts) sum.Add(part);
        return sum;
    }
}

/// <summary>A strategy's run. Judged are those who trained, then apart from them the newcomers.</summary>
public sealed record ExperimentRun(
    string Strategy, IReadOnlyList<ExperimentRound> Rounds, JudgedClients Global, JudgedClients Personal, JudgedClients Trained, JudgedClients? Newcomers, JudgedClients? NewcomersTrained, string FinalModel);

/// <summary>An experiment that cannot go on; the message says what happened in which round.</summary>
public sealed class ExperimentException(string message) : Exception(message);

/// <summary>Runs strategies over clients through the very grains that a silo runs: windows are ingested, rounds started, clients asked. It only drives and adds up.</summary>
public static class FederatedExperiment
{
    private const string Population = "experiment";

    /// <summary>Three times as many clients train at the same time as fill the buffer.</summary>
    private const double BufferedConcurrency = 3;

    public static async Task<ExperimentRun> Run(ExperimentPopulation population, string strategy, ExperimentOptions options, Action<ExperimentRound>? progress = null)
    {
        var city = new CityOptions { Privacy = PrivacyMode.Simulation, Population = Population };
        var isBuffered = Strategy.Named(strategy).Arrival == Arrival.Buffered;
        var network = new VirtualNetwork(options.Dropout, isBuffered, options.Seed);
        var learning = population.Clients.Count(population.CanLearn);
        var terms = Terms(strategy, learning == 0 ? population.Clients.Count : learning, options); // where nobody can, every round says so
        await using var diary = options.StateFolder is { } folder ? ExperimentDiary.Open(folder, population, terms, options) : null;
        await using var cluster = new InProcessCluster(city, options.Workers, options.Seed, population, options.Liars, network, stores: diary?.Stores);
        var start = options.Start is { } weights ? await cluster.Services.GetRequiredService<IBlobStore>().Put(weights.ToBytes()) : null;
        var models = cluster.Grains.GetGrain<IModelGrain>(Population);
        var model = await models.Initialise(population.Spec, options.Seed, start);
        await population.Enter(cluster.Grains, Population);

        var rounds = cluster.Grains.GetGrain<IFederatedRoundGrain>(Population);
        var history = new List<ExperimentRound>(diary?.Rounds ?? []);
        foreach (var round in history) progress?.Invoke(round);
        for (var r = history.Count + 1; r <= options.Rounds; r++)
        {
            var started = Stopwatch.GetTimestamp();
            network.Begin(r);
            int number;
            try
            {
                number = await rounds.Start(terms);
            }
            catch (InvalidOperationException e) when (terms.Privacy is not null && history.Count > 0)
            {
                // The budget is spent: what there is is what there will be.
                history[^1] = history[^1] with { Stopped = e.Message };
                break;
            }
            var status = await rounds.Watch(number, TimeSpan.Zero);
            if (isBuffered && status.Ended is null)
            {
                if (!await network.First(terms.Goal)) cluster.Time.Jump(terms.Deadline);
            }
            else if (options.Dropout > 0 && status.Ended is null)
            {
                await network.Everybody(status.Invited);
                cluster.Time.Jump(terms.Deadline);
            }
            do status = await rounds.Watch(number, Limits.Patience);
            while (status.Ended is null);
            if (status.Phase != nameof(RoundPhase.Committed) && status.Reported > 0 && options.Dropout == 0) throw new ExperimentException($"{strategy}, round {r} was abandoned: {status.Outcome}");
            model = (await models.Current())!;
            if (options.Judging == Judging.Nothing && r < options.Rounds) continue;
            var received = new Invitation(Population, number + 1, model, terms);
            var used = await Judge(cluster, population, population.Judged, received, JudgedModel.Personal);
            var trained = options.Judging == Judging.AfterTraining ? (await Judge(cluster, population, population.Judged, received, JudgedModel.Trained)).Pooled.Accuracy : (double?)null;
            var global = await Judge(cluster, population, population.Judged, received, JudgedModel.Global);
            history.Add(new ExperimentRound(
                r, used.Loss, used.Pooled.Accuracy, trained, global.Pooled.Accuracy, status.Reported, status.UpdateBytes, status.Epsilon,
                status.Phase == nameof(RoundPhase.Committed) ? null : status.Outcome, Stopwatch.GetElapsedTime(started).TotalSeconds, status.Declined));
            diary?.Write(history);
            progress?.Invoke(history[^1]);
        }
        var last = new Invitation(Population, options.Rounds + 1, model, terms);
        var personal = await Judge(cluster, population, population.Judged, last, JudgedModel.Personal);
        var (newcomers, newcomersTrained) = population.Newcomers.Count == 0 ? (null, null)
            : (await Judge(cluster, population, population.Newcomers, last, JudgedModel.Personal), await Judge(cluster, population, population.Newcomers, last, JudgedModel.Trained));
        return new ExperimentRun(
            strategy, history, await Judge(cluster, population, population.Judged, last, JudgedModel.Global), personal,
            await Judge(cluster, population, population.Judged, last, JudgedModel.Trained), newcomers, newcomersTrained, model.Hash);
    }

    /// <summary>
    /// Who takes part is drawn from the seed, and all of them are waited for, so the outcome does not depend on who is fast; where
    /// updates are buffered, that too is drawn.
    /// </summary>
    public static RoundTerms Terms(string strategy, int clients, ExperimentOptions options)
    {
        var concurrency = Strategy.Named(strategy).Arrival == Arrival.Buffered ? BufferedConcurrency : 1;
        var goal = Math.Max(1, (int)Math.Round(options.Sample * clients / concurrency));
        return RoundTermsMapping.Default(strategy, goal, options.Seed) with
        {
            OverSelection = concurrency,
            MinimumFraction = options.Dropout > 0 ? Math.Clamp(AggregationRule.Parse(options.Aggregation).UpdatesMin / (double)goal, 0.1, 1) : 1,
            Deadline = TimeSpan.FromHours(1),
            Epochs = options.Training.Epochs,
            BatchSize = options.Training.BatchSize,
            Optimiser = RoundTermsMapping.NameOf(options.Training.Optimiser),
            LearningRate = options.Training.LearningRate,
            Momentum = options.Training.Momentum,
            GradientNormMax = options.Training.GradientNormMax,
            DropIncompleteBatch = options.Training.IncompleteBatch == IncompleteBatch.Drop,
            Aggregation = options.Aggregation,
            Codec = options.Codec,
            ProximalWeight = options.ProximalWeight,
            ServerRate = options.ServerRate,
            UpdateNormMax = options.UpdateNormMax,
            Privacy = options.Privacy,
            SecureSum = options.SecureSum,
        };
    }

    private static async Task<JudgedClients> Judge(InProcessCluster cluster, ExperimentPopulation population, IReadOnlyList<string> clients, Invitation received, JudgedModel model)
    {
        var reports = await Task.WhenAll(clients.Select(Report));
        var counts = clients.Select(c => population.HeldOut(c).Count).ToArray();
        var loss = reports.Zip(counts, (r, n) => n == 0 ? 0 : r.Loss * n).Sum() / counts.Sum();
        return new([.. reports.Select(r => Classification.FromCounts(r.Classes, r.Counts))], loss, reports.Average(r => r.KeptBytes));

        async Task<EvaluationReport> Report(string client)
        {
            try
            {
                return await population.Client(cluster.Grains, client).Judge(received, model);
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException)
            {
                throw new ExperimentException($"{client} cannot be judged after round {received.Round - 1}: {e.Message}");
            }
        }
    }
}
