using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using CitySafeSense.Cli.Charts;
using CitySafeSense.Cli.Terminal;
using CitySafeSense.Grains;
using CitySafeSense.InProcess;
using CitySafeSense.Learning;
using Spectre.Console;

namespace CitySafeSense.Cli.Verbs.Federated;

/// <summary>What experiments found, as JSON, as a table, as CSV and as learning curves.</summary>
internal static class FederatedAnswer
{
    public static JsonObject Of(FederatedData data, ExperimentPopulation population, ExperimentOptions options, IReadOnlyList<ExperimentRun> runs, double seconds) => new()
    {
        ["data"] = data.Source,
        ["clients"] = population.Clients.Count,
        ["newcomers"] = population.Newcomers.Count,
        ["model"] = population.Spec.Kind,
        ["parameters"] = new ModelRuntime(population.Spec).Model.Layout.Length,
        ["seed"] = options.Seed,
        ["aggregation"] = options.Aggregation,
        ["codec"] = options.Codec,
        ["liars"] = options.Liars?.Names.Count ?? 0,
        ["privacy"] = options.Privacy is not { } p ? null : new JsonObject
        {
            ["unit"] = "everything of one client",
            ["neighbours"] = "one client added or removed",
            ["delta"] = p.Delta,
            ["epsilon_budget"] = p.EpsilonBudget,
            ["noise_multiplier"] = p.NoiseMultiplier,
            ["sampling_rate"] = p.SamplingRate,
            ["adapts_clipping"] = p.AdaptsClipping,
        },
        ["test_per_class"] = new JsonArray([.. Enumerable.Range(0, population.Spec.Classes).Select(c => JsonValue.Create(population.Everybody.Sum(n => Count(population.HeldOut(n), c))))]),
        ["runs"] = new JsonArray([.. runs.Select(r => Describe(r, population))]),
        ["seconds"] = Math.Round(seconds, 2),
    };

    public static void Print(JsonObject answer)
    {
        // Eleven columns in the eighty of a terminal.
        var table = new Table().Border(TableBorder.None);
        foreach (var name in new[] { "strategy", "used", "+step", "global", "F1", "worst", "tenth", "new", "rounds", "B/round", "B/client" }) table.AddColumn(name, c => c.PadLeft(0).PadRight(1).NoWrap());
        foreach (var run in answer["runs"]!.AsArray())
        {
            var (final, rounds) = (run!["final"]!, run["rounds"]!.AsArray());
            table.AddRow(
                run["strategy"]!.ToString(), Share(final["accuracy"]), Share(final["trained"]!["accuracy"]), Share(final["global"]!["accuracy"]), Number((double)final["macro_f1"]!),
                Share(final["worst_client"]), Share(final["worst_tenth"]), Share(final["newcomers"]?["accuracy"]), Committed(rounds), rounds[^1]!["update_bytes"]!.ToString(), run["kept_bytes_per_client"]!.ToString());
        }
        Output.Data.Write(table);
        Output.Data.WriteLine("used: accuracy in % of the models clients use, on receipt; +step: after one more local step; F1, worst client and worst tenth of what is used; new: who never trained");
        if (answer["privacy"] is JsonObject privacy)
            Output.Data.WriteLine($"private: epsilon {Number((double?)answer["runs"]![0]!["rounds"]!.AsArray().LastOrDefault(r => r!["epsilon"] is not null)?["epsilon"] ?? 0)} of {privacy["epsilon_budget"]}, delta {privacy["delta"]}; unit: {privacy["unit"]}; neighbours: {privacy["neighbours"]}");
        Output.Data.WriteLine($"{answer["data"]}, {answer["clients"]} clients, {answer["model"]} of {answer["parameters"]} parameters, seed {answer["seed"]}, {answer["seconds"]} s");
    }

    /// <summary>A line for every strategy and round.</summary>
    public static string Csv(JsonObject answer)
    {
        var text = new StringBuilder("strategy,round,loss,accuracy,trained_accuracy,global_accuracy,reported,update_bytes,epsilon\n");
        foreach (var run in answer["runs"]!.AsArray())
            foreach (var r in run!["rounds"]!.AsArray())
                text.Append(CultureInfo.InvariantCulture, $"{run["strategy"]},{r!["round"]},{r["loss"]},{r["accuracy"]},{r["trained_accuracy"]},{r["global_accuracy"]},{r["reported"]},{r["update_bytes"]},{r["epsilon"]}\n");
        return text.ToString();
    }

    /// <summary>Learning curves as a Vega-Lite specification.</summary>
    public static JsonObject Curves(JsonObject answer)
    {
        var rows = answer["runs"]!.AsArray().SelectMany(run => run!["rounds"]!.AsArray().Select(r => Point(run["strategy"]!.ToString(), r!)));
        var chart = VegaLite.Chart($"{answer["data"]}: accuracy of the models that clients use", rows);
        (chart["width"], chart["height"]) = (640, 360);
        chart["mark"] = new JsonObject { ["type"] = "line", ["point"] = true };
        var share = VegaLite.Field("accuracy", "quantitative");
        share["axis"] = new JsonObject { ["format"] = "%" };
        chart["encoding"] = new JsonObject { ["x"] = VegaLite.Field("round", "quantitative"), ["y"] = share, ["color"] = VegaLite.Field("strategy", "nominal") };
        return chart;

        static JsonObject Point(string strategy, JsonNode round) => new() { ["strategy"] = strategy, ["round"] = (int)round["round"]!, ["accuracy"] = (double)round["accuracy"]! };
    }

    /// <summary>The "declined" member of a round; left out where no client declined.</summary>
    private static IEnumerable<KeyValuePair<string, JsonNode?>> Declined(ExperimentRound round) =>
        round.Declined.Length > 0 ? [KeyValuePair.Create("declined", (JsonNode?)round.Declined)] : [];

    private static JsonObject Describe(ExperimentRun run, ExperimentPopulation population)
    {
        var final = Judged(run.Personal);
        final["least_data"] = LeastData(run.Personal, population);
        final["model"] = run.FinalModel;
        final["global"] = Judged(run.Global);
        final["trained"] = Judged(run.Trained);
        final["newcomers"] = run.Newcomers is { } n ? Judged(n) : null;
        final["newcomers_trained"] = run.NewcomersTrained is { } t ? Judged(t) : null;
        return new()
        {
            ["strategy"] = run.Strategy,
            ["rounds"] = new JsonArray([.. run.Rounds.Select(r => new JsonObject(Declined(r))
            {
                ["round"] = r.Round,
                ["loss"] = Math.Round(r.Loss, 6),
                ["accuracy"] = Math.Round(r.Accuracy, 6),
                ["trained_accuracy"] = r.TrainedAccuracy is { } t ? Math.Round(t, 6) : null,
                ["global_accuracy"] = Math.Round(r.GlobalAccuracy, 6),
                ["reported"] = r.Reported,
                ["update_bytes"] = r.UpdateBytes,
                ["epsilon"] = r.Epsilon is { } e ? Math.Round(e, 6) : null,
                ["stopped"] = r.Stopped,
                ["seconds"] = Math.Round(r.Seconds, 3),
            })]),
            ["kept_bytes_per_client"] = Math.Round(run.Personal.KeptBytes),
            ["final"] = final,
        };
    }

    private static JsonObject Judged(JudgedClients judged)
    {
        double[] accuracies = [.. judged.PerClient.Where(c => c.Total > 0).Select(c => c.Accuracy).Order()];
        return new()
        {
            ["accuracy"] = Math.Round(judged.Pooled.Accuracy, 6),
            ["macro_f1"] = Math.Round(judged.Pooled.MacroF1, 6),
            ["mean_client"] = Math.Round(accuracies.Average(), 6),
            ["worst_client"] = Math.Round(accuracies[0], 6),
            ["worst_tenth"] = Math.Round(accuracies.Take(Math.Max(1, accuracies.Length / 10)).Average(), 6),
            ["per_client_accuracy"] = new JsonArray([.. judged.PerClient.Select(c => c.Total == 0 ? null : JsonValue.Create(Math.Round(c.Accuracy, 6)))]),
        };
    }

    /// <summary>The mean accuracy of the quarter of the clients that have the fewest rows to learn from.</summary>
    private static double LeastData(JudgedClients judged, ExperimentPopulation population)
    {
        var least = population.Judged.Select((client, i) => (population.Training(client).Count, Index: i)).Where(c => judged.PerClient[c.Index].Total > 0).Order().ToArray();
        return Math.Round(least.Take(Math.Max(1, least.Length / 4)).Average(c => judged.PerClient[c.Index].Accuracy), 6);
    }

    private static int Count(Examples examples, int label) => Enumerable.Range(0, examples.Count).Count(r => examples.Label(r) == label);

    private static string Committed(JsonArray rounds) => $"{rounds.Count(r => r!["stopped"] is null)}/{rounds.Count}";

    private static string Share(JsonNode? node) => node is null ? "-" : (100 * (double)node).ToString("F1", CultureInfo.InvariantCulture);

    private static string Number(double value) => value.ToString("F3", CultureInfo.InvariantCulture);
}
