using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using CitySafeSense.Cli.Terminal;
using CitySafeSense.Federation;
using CitySafeSense.InProcess;
using CitySafeSense.Numerics;
using Spectre.Console;

namespace CitySafeSense.Cli.Verbs.Federated;

/// <summary>`simulate study`: what federation is worth to people with few labels, over many seeds and folds, with intervals over people.</summary>
internal static class SimulateStudy
{
    private static readonly string[] strategies = ["local", "fedavg", "fedavg-ft", "fedala"];
    private static readonly (string, string)[] pairs = [("fedala", "local"), ("fedala", "fedavg"), ("fedala", "fedavg-ft"), ("fedavg-ft", "local")];

    public static Command Command()
    {
        var data = Paths.Input("--data", "Recordings (.npz), one client a person. Without it, 30 people are simulated.");
        var labelled = new Option<string>("--labelled") { Description = "Labelled windows of each person, of all classes alike; several with commas.", DefaultValueFactory = _ => "5,10,20,50" };
        var runs = new Option<int>("--runs") { Description = "Runs, each with a seed of its own and the next newcomers.", DefaultValueFactory = _ => 12 };
        var newcomers = new Option<int>("--newcomers") { Description = "People who never train, others in every run.", DefaultValueFactory = _ => 4 };
        var rounds = new Option<int>("--rounds") { Description = "Federated rounds.", DefaultValueFactory = _ => 60 };
        var epochs = new Option<int>("--epochs") { Description = "Local epochs a round.", DefaultValueFactory = _ => 5 };
        var turn = new Option<bool>("--turn-sensors") { Description = "Turn every person's sensor in a way of its own." };
        var (seed, json) = (Output.SeedOption(), Output.JsonOption());
        var command = new Command("study", """
            What federation is worth to people with few labels: own data only, FedAvg, FedAvg with one local step, and
            FedALA, over many runs, with differences between strategies and their 95 % bootstrap intervals over people.

            Example: citysafe simulate study --data recordings.npz --labelled 20 --runs 12 --seed 1 --json
            """) { data, labelled, runs, newcomers, rounds, epochs, turn, seed, json };
        command.SetAction(async (parse, cancellation) =>
        {
            if (parse.GetValue(runs) is < 2 or > 1000) throw new ArgumentException("--runs must be 2 to 1000");
            if (parse.GetValue(newcomers) is < 1 or > 1000) throw new ArgumentException("--newcomers must be 1 to 1000");
            if (parse.GetValue(rounds) is < 1 or > 10_000) throw new ArgumentException("--rounds must be 1 to 10000");
            int[] counts = [.. parse.GetValue(labelled)!.Split(',').Select(n => int.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= 10_000 ? count
                : throw new ArgumentException($"--labelled {n}: whole numbers from 1 to 10000 with commas between them are needed"))];
            var training = new LocalTrainingOptions { Epochs = parse.GetValue(epochs) };
            training.Validate();
            var started = Stopwatch.GetTimestamp();
            var parts = new JsonArray();
            foreach (var count in counts)
            {
                var scores = new Scores();
                for (var run = 0; run < parse.GetValue(runs); run++)
                {
                    cancellation.ThrowIfCancellationRequested();
                    var of = new FederatedData
                    {
                        Seed = parse.GetValue(seed) + (ulong)run,
                        PeopleSeed = parse.GetValue(seed),
                        File = parse.GetValue(data),
                        Labelled = count,
                        Newcomers = parse.GetValue(newcomers),
                        Fold = run,
                        TurnSensors = parse.GetValue(turn),
                    };
                    var population = of.Load();
                    foreach (var strategy in strategies)
                    {
                        Output.Note($"{count} labels, run {run + 1} of {parse.GetValue(runs)}, {strategy}");
                        scores.Add(population, await FederatedExperiment.Run(population, strategy, new ExperimentOptions { Rounds = parse.GetValue(rounds), Seed = of.Seed, Training = training, Judging = Judging.Nothing }));
                    }
                }
                parts.Add(scores.Describe(count, parse.GetValue(seed)));
            }
            var answer = new JsonObject
            {
                ["data"] = parse.GetValue(data)?.Name ?? "simulated",
                ["runs"] = parse.GetValue(runs),
                ["newcomers"] = parse.GetValue(newcomers),
                ["rounds"] = parse.GetValue(rounds),
                ["epochs"] = parse.GetValue(epochs),
                ["turned_sensors"] = parse.GetValue(turn),
                ["seed"] = parse.GetValue(seed),
                ["labelled"] = parts,
                ["seconds"] = Math.Round(Stopwatch.GetElapsedTime(started).TotalSeconds, 1),
            };
            if (parse.GetValue(json)) Output.Json(answer);
            else Print(answer);
            return Run.Done;
        });
        return command;
    }

    private static void Print(JsonObject answer)
    {
        var table = new Table().AddColumns(["labels", .. strategies, .. strategies.Where(s => s != "local").Select(s => $"newcomers, {s}"), .. pairs.Select(p => $"{p.Item1} - {p.Item2}")]);
        foreach (var part in answer["labelled"]!.AsArray())
            table.AddRow([
                part!["labels"]!.ToString(), .. strategies.Select(s => Percent(part["accuracy"]![s])), .. strategies.Where(s => s != "local").Select(s => Percent(part["newcomers_accuracy"]![s])),
                .. part["differences"]!.AsArray().Select(d => $"{Points(d!["mean"])} ({Points(d["low"])} to {Points(d["high"])})")]);
        Output.Data.Write(table);
        Output.Data.WriteLine($"{answer["data"]}, {answer["runs"]} runs; differences in points, 95 % intervals over people; {answer["seconds"]} s");
    }

    private static string Percent(JsonNode? node) => ((double)node!).ToString("P1", CultureInfo.InvariantCulture);

    private static string Points(JsonNode? node) => (100 * (double)node!).ToString("+0.0;-0.0", CultureInfo.InvariantCulture);

    /// <summary>Accuracies by strategy and person: those who trained, and apart from them newcomers.</summary>
    private sealed class Scores
    {
        private readonly Dictionary<string, SortedDictionary<string, List<double>>> trained = [], fresh = [];

        public void Add(ExperimentPopulation population, ExperimentRun run)
        {
            foreach (var (person, judged) in population.Clients.Zip(run.Personal.PerClient)) Note(trained, run.Strategy, person, judged.Accuracy);
            foreach (var (person, judged) in population.Newcomers.Zip(run.Newcomers!.PerClient)) Note(fresh, run.Strategy, person, judged.Accuracy);
        }

        public JsonObject Describe(int labels, ulong seed) => new()
        {
            ["labels"] = labels,
            ["people"] = trained["local"].Count,
            ["accuracy"] = new JsonObject(strategies.Select(s => KeyValuePair.Create(s, (JsonNode?)Math.Round(Mean(trained[s]), 4)))),
            ["newcomers_accuracy"] = new JsonObject(strategies.Select(s => KeyValuePair.Create(s, (JsonNode?)Math.Round(Mean(fresh[s]), 4)))),
            ["differences"] = new JsonArray([.. pairs.Select(pair =>
            {
                // A person's accuracy is the mean over the runs in which they trained; people are the units that are drawn.
                var (mean, low, high) = PairedBootstrap.Of([.. trained[pair.Item1].Select(p => p.Value.Average() - trained[pair.Item2][p.Key].Average())], Rng.For(seed, "bootstrap"));
                return new JsonObject { ["first"] = pair.Item1, ["second"] = pair.Item2, ["mean"] = Math.Round(mean, 4), ["low"] = Math.Round(low, 4), ["high"] = Math.Round(high, 4) };
            })]),
        };

        private static void Note(Dictionary<string, SortedDictionary<string, List<double>>> scores, string strategy, string person, double accuracy)
        {
            if (double.IsNaN(accuracy)) return; // nothing was held out
            if (!scores.TryGetValue(strategy, out var people)) scores[strategy] = people = new(StringComparer.Ordinal);
            if (!people.TryGetValue(person, out var values)) people[person] = values = [];
            values.Add(accuracy);
        }

        private static double Mean(SortedDictionary<string, List<double>> people) => people.Values.Average(v => v.Average());
    }
}
