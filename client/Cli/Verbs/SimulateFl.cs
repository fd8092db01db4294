using System.Diagnostics;
using System.Text.Json.Nodes;
using CitySafeSense.Cli.Terminal;
using CitySafeSense.Federation;
using CitySafeSense.Grains;
using CitySafeSense.InProcess;
using CitySafeSense.Sensing;
using CitySafeSense.Sensing.Generator;
using CitySafeSense.Sensing.Recordings;
using Spectre.Console;

namespace CitySafeSense.Cli.Verbs;

/// <summary>`simulate fl`: federated strategies over clients, through the grains of a silo, beside the controls that say whether federation helped.</summary>
internal static class SimulateFl
{
    public static Command Command()
    {
        var data = new Option<FileInfo>("--data") { Description = "Inertial recordings (.npz), one client a person. Without it, people are simulated." };
        var strategies = new Option<string>("--strategy") { Description = $"Comma-separated: {string.Join(", ", Strategy.All.Select(s => s.Name))}.", DefaultValueFactory = _ => "fedavg,fedavg-ft,fedala,local" };
        var rounds = new Option<int>("--rounds") { Description = "Federated rounds.", DefaultValueFactory = _ => 20 };
        var clients = new Option<int>("--clients") { Description = "Simulated people, where there is no --data.", DefaultValueFactory = _ => 30 };
        var windows = new Option<int>("--windows") { Description = "Windows of each simulated person; the last quarter is the test.", DefaultValueFactory = _ => 80 };
        var workers = new Option<int>("--workers") { Description = "Threads that train; the numbers do not depend on it.", DefaultValueFactory = _ => Environment.ProcessorCount };
        var epochs = new Option<int>("--epochs") { Description = "Local epochs a round.", DefaultValueFactory = _ => 1 };
        var batch = new Option<int>("--batch") { Description = "Windows in a batch.", DefaultValueFactory = _ => 16 };
        var optimiser = new Option<string>("--optimiser") { Description = "Of the local steps: sgd (momentum 0.9) or adam.", DefaultValueFactory = _ => "sgd" };
        var rate = new Option<double>("--learning-rate") { Description = "Of the local steps.", DefaultValueFactory = _ => 0.05 };
        var permute = new Option<bool>("--permute-labels") { Description = "Shuffle every client's training labels: what is left is chance." };
        var (seed, json) = (Output.SeedOption(), Output.JsonOption());
        var command = new Command("fl", """
            Train one model over many clients without pooling their data, by several strategies, and compare.

            `local` (own data only) and `fedavg-ft` (FedAvg, then one local epoch) are the controls: a personalised
            result says something only beside them.

            Example: citysafe simulate fl --data recordings.npz --strategy fedavg,fedavg-ft,fedala,local --rounds 20 --seed 1 --json
            """) { data, strategies, rounds, clients, windows, workers, epochs, batch, optimiser, rate, permute, seed, json };
        command.SetAction(async parse =>
        {
            string[] names = [.. parse.GetValue(strategies)!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
            foreach (var name in names) _ = Strategy.Named(name);
            if (names.Length == 0) throw new ArgumentException("--strategy names no strategy");
            if (parse.GetValue(rounds) is < 1 or > 10_000) throw new ArgumentException("--rounds must be 1 to 10000");
            if (parse.GetValue(clients) is < 2 or > 10_000) throw new ArgumentException("--clients must be 2 to 10000");
            if (parse.GetValue(windows) is < 12 or > 1024) throw new ArgumentException("--windows must be 12 to 1024");
            if (parse.GetValue(workers) is < 1 or > 256) throw new ArgumentException("--workers must be 1 to 256");
            var training = new LocalTrainingOptions { Epochs = parse.GetValue(epochs), BatchSize = parse.GetValue(batch), Optimiser = RoundTermsMapping.OptimiserNamed(parse.GetValue(optimiser)!), LearningRate = parse.GetValue(rate) };
            training.Validate();
            var (people, classes) = parse.GetValue(data) is { } file
                ? (FromRecordings(file), 6)
                : (Simulated(parse.GetValue(seed), parse.GetValue(clients), parse.GetValue(windows)), ActivityClasses.Count);
            if (parse.GetValue(permute)) people = [.. people.Select(p => p with { Training = Permuted(p, parse.GetValue(seed)) })];
            var options = new ExperimentOptions
            {
                Rounds = parse.GetValue(rounds),
                Seed = parse.GetValue(seed),
                Classes = classes,
                Workers = parse.GetValue(workers),
                Training = training,
            };
            var started = Stopwatch.GetTimestamp();
            var runs = new List<ExperimentRun>();
            foreach (var name in names) runs.Add(await Progressed(people, name, options));
            var answer = Answer(parse.GetValue(data)?.Name ?? "simulated", people, classes, options, runs, Stopwatch.GetElapsedTime(started).TotalSeconds);
            if (parse.GetValue(json)) Output.Json(answer);
            else Print(answer);
            return Run.Done;
        });
        return command;
    }

    private static IReadOnlyList<ExperimentClient> FromRecordings(FileInfo file)
    {
        using var stream = file.OpenRead();
        using var archive = new NpzArchive(stream, file.Name);
        return [.. ActivitySegments.Split(ImuRecordings.Read(archive), [1, 2, 3, 4, 5, 6]).Select(p => new ExperimentClient($"person-{p.Person:D2}", p.Training, p.Test))];
    }

    private static IReadOnlyList<ExperimentClient> Simulated(ulong seed, int clients, int windows) => [.. Enumerable.Range(0, clients).Select(c =>
    {
        (SensorWindow, int)[] drawn = [.. SyntheticPeople.Draw(seed, c, windows).Select(w => (w.Window, (int)w.Label))];
        var split = windows - windows / 4;
        return new ExperimentClient($"person-{c:D4}", drawn[..split], drawn[split..]);
    })];

    private static IReadOnlyList<(SensorWindow, int)> Permuted(ExperimentClient client, ulong seed)
    {
        int[] labels = [.. client.Training.Select(w => w.Label)];
        Numerics.Rng.For(seed, "permute", client.Name).Shuffle<int>(labels);
        return [.. client.Training.Select((w, i) => (w.Window, labels[i]))];
    }

    private static Task<ExperimentRun> Progressed(IReadOnlyList<ExperimentClient> people, string strategy, ExperimentOptions options) =>
        Output.Error.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new RemainingTimeColumn()).StartAsync(async context =>
        {
            var bar = context.AddTask(strategy, maxValue: options.Rounds);
            return await FederatedExperiment.Run(people, strategy, options, round =>
            {
                bar.Value = round.Round;
                bar.Description = $"{strategy}: accuracy {round.Accuracy:P1}";
            });
        });

    private static JsonObject Answer(
        string data, IReadOnlyList<ExperimentClient> people, int classes, ExperimentOptions options, List<ExperimentRun> runs, double seconds) => new()
        {
            ["data"] = data,
            ["clients"] = people.Count,
            ["model"] = "tcn",
            ["parameters"] = new ModelRuntime(ModelRuntime.SpecFor(classes, ChannelScaling.Nominal(WindowSchema.Default))).Model.Layout.Length,
            ["seed"] = options.Seed,
            ["test_per_class"] = new JsonArray([.. Enumerable.Range(0, classes).Select(c => JsonValue.Create(people.Sum(p => p.Test.Count(w => w.Label == c))))]),
            ["runs"] = new JsonArray([.. runs.Select(Describe)]),
            ["seconds"] = Math.Round(seconds, 2),
        };

    private static JsonObject Describe(ExperimentRun run) => new()
    {
        ["strategy"] = run.Strategy,
        ["rounds"] = new JsonArray([.. run.Rounds.Select(r => new JsonObject
        {
            ["round"] = r.Round, ["loss"] = Math.Round(r.Loss, 6), ["accuracy"] = Math.Round(r.Accuracy, 6), ["seconds"] = Math.Round(r.Seconds, 3),
        })]),
        ["final"] = new JsonObject
        {
            ["accuracy"] = Math.Round(run.Pooled.Accuracy, 6),
            ["macro_f1"] = Math.Round(run.Pooled.MacroF1, 6),
            ["per_client_accuracy"] = new JsonArray([.. run.PerClient.Select(c => JsonValue.Create(Math.Round(c.Accuracy, 6)))]),
            ["model"] = run.FinalModel,
        },
    };

    private static void Print(JsonObject answer)
    {
        var table = new Table().AddColumns("strategy", "accuracy", "macro-F1", "worst client", "rounds");
        foreach (var run in answer["runs"]!.AsArray())
        {
            var final = run!["final"]!;
            table.AddRow(run["strategy"]!.ToString(), $"{(double)final["accuracy"]!:P1}", $"{(double)final["macro_f1"]!:F3}",
                $"{final["per_client_accuracy"]!.AsArray().Min(a => (double)a!):P1}", $"{run["rounds"]!.AsArray().Count}");
        }
        Output.Data.Write(table);
        Output.Data.WriteLine($"{answer["data"]}, {answer["clients"]} clients, {answer["parameters"]} parameters, seed {answer["seed"]}, {answer["seconds"]} s");
    }
}
