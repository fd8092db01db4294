using System.Diagnostics;
using System.Globalization;
using CitySafeSense.Cli.Models;
using CitySafeSense.Cli.Charts;
using CitySafeSense.Cli.Terminal;
using CitySafeSense.Federation;
using CitySafeSense.Grains;
using CitySafeSense.InProcess;
using Spectre.Console;

namespace CitySafeSense.Cli.Verbs.Federated;

/// <summary>`simulate fl`: federated strategies over clients, through the grains of a silo, beside the controls that say whether federation helped.</summary>
internal static class SimulateFl
{
    private const string Central = "central";

    public static Command Command()
    {
        var strategies = new Option<string>("--strategy") { Description = $"Comma-separated: {string.Join(", ", Strategy.All.Select(s => s.Name))}, {Central} (all data in one place); or ASSEMBLY.dll:CLASS, your own.", DefaultValueFactory = _ => "fedavg,fedavg-ft,fedala,local" };
        var csv = Paths.Output("--csv", "Also write every round as a line of this file.");
        var curves = Paths.Output("--curves", "Also write the learning curves to this file, as a Vega-Lite specification.");
        var (options, json) = (new FederatedOptions(), Output.JsonOption());
        var command = new Command("fl", """
            Train one model over many clients without pooling their data, by several strategies, and compare.

            `local` (own data only) and `fedavg-ft` (FedAvg, then one local epoch) are the controls: a personalised
            result says something only beside them. "used" is what a client would answer with between
            rounds, "+step" the same after it trained once more, "new" people who never trained.

            Examples:
              citysafe simulate fl --data recordings.npz --strategy fedavg,fedavg-ft,fedala,local --rounds 20 --seed 1 --json
              citysafe simulate fl --data recordings.npz --labelled 20 --newcomers 4 --strategy fedavg,scaffold,ditto,local
              citysafe simulate fl --strategy fedavg --malicious 0.3:sign-flip --aggregation trimmed:0.3
              citysafe simulate fl --strategy fedavg --clients 500 --sample 0.2 --dp 8:1.0 --clip 1
            """) { strategies, csv, curves, json };
        options.AddTo(command);
        command.SetAction(async (parse, cancellation) =>
        {
            string[] names = [.. parse.GetValue(strategies)!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(Resolve)];
            if (names.Length == 0) throw new ArgumentException("--strategy names no strategy");
            var (data, population, told) = options.Read(parse);
            string[] idle = [.. population.Clients.Where(c => !population.CanLearn(c))];
            if (idle.Length > 0) Output.Note($"{idle.Length} of {population.Clients.Count} clients have too little to learn from; they are judged all the same: {string.Join(", ", idle.Take(5))}{(idle.Length > 5 ? " ..." : "")}");
            foreach (var name in names.Where(n => n != Central)) FederatedExperiment.Terms(name, Math.Max(1, population.Clients.Count - idle.Length), told).ToPlan(1).Validate();
            var started = Stopwatch.GetTimestamp();
            var runs = new List<ExperimentRun>();
            foreach (var name in names)
                runs.Add(name == Central ? await Progressed(new PooledPopulation(population), "fedavg", told with { Liars = null, Sample = 1, Dropout = 0, Privacy = null, SecureSum = null, StateFolder = told.StateFolder is { } folder ? Path.Combine(folder, Central) : null }, cancellation) with { Strategy = Central } : await Progressed(population, name, told, cancellation));
            var answer = FederatedAnswer.Of(data, population, told, runs, Stopwatch.GetElapsedTime(started).TotalSeconds);
            if (parse.GetValue(csv) is { } table) await File.WriteAllTextAsync(table.FullName, FederatedAnswer.Csv(answer));
            if (parse.GetValue(curves) is { } chart) VegaLite.Write(chart, FederatedAnswer.Curves(answer));
            if (parse.GetValue(json)) Output.Json(answer);
            else FederatedAnswer.Print(answer);
            foreach (var (run, declined) in runs.Select(r => (r, r.Rounds.LastOrDefault(round => round.Declined.Length > 0)?.Declined)))
                if (declined is not null) Output.Note($"{run.Strategy}: {declined}");
            var uncommitted = runs.Where(r => r.Rounds.All(round => round.Stopped is not null)).ToArray();
            foreach (var run in uncommitted) Output.Note($"{run.Strategy}: no round was committed: {run.Rounds[0].Stopped}");
            return uncommitted.Length == 0 ? Run.Done : Run.Failed;
        });
        return command;
    }

    /// <summary>Runs one strategy, and says on stderr how it goes: as a table that follows it, or in a pipe as lines. It can be stopped after any round.</summary>
    private static Task<ExperimentRun> Progressed(ExperimentPopulation population, string strategy, ExperimentOptions options, CancellationToken cancellation)
    {
        if (!Output.Error.Profile.Capabilities.Interactive)
            return FederatedExperiment.Run(population, strategy, options, r =>
            {
                cancellation.ThrowIfCancellationRequested();
                Output.Note(FormattableString.Invariant($"{strategy}, round {r.Round} of {options.Rounds}: {Share(r.Accuracy)} on receipt, loss {r.Loss:F4}, {r.Reported} reported{(r.Declined.Length > 0 ? $"; {r.Declined}" : "")}"));
            });
        var table = new Table().AddColumns(strategy, "used", "+step", "global", "loss", "reported", "bytes", "s/round");
        return Output.Error.Live(table).StartAsync(context => FederatedExperiment.Run(population, strategy, options, r =>
        {
            cancellation.ThrowIfCancellationRequested();
            if (table.Rows.Count > 0) table.RemoveRow(0);
            table.AddRow(
                $"{r.Round} of {options.Rounds}", Share(r.Accuracy), r.TrainedAccuracy is { } trained ? Share(trained) : "-", Share(r.GlobalAccuracy), r.Loss.ToString("F4", CultureInfo.InvariantCulture),
                r.Reported.ToString(CultureInfo.InvariantCulture), r.UpdateBytes.ToString(CultureInfo.InvariantCulture), r.Seconds.ToString("F2", CultureInfo.InvariantCulture));
            context.Refresh();
        }));
    }

    private static string Share(double share) => share.ToString("P1", CultureInfo.InvariantCulture);

    /// <summary>A strategy's name; a user's own becomes known by it.</summary>
    private static string Resolve(string name)
    {
        if (name == Central) return name;
        if (Found.Class<IStrategyFamily>(name) is not { } family) return Strategy.Named(name).Name;
        var strategy = family.Create();
        Strategy.Add(strategy);
        return strategy.Name;
    }
}
