using System.Globalization;
using System.Text.Json.Nodes;
using CitySafeSense.Cli.Terminal;
using CitySafeSense.Learning;
using Spectre.Console;

namespace CitySafeSense.Cli.Models;

/// <summary>How well a classifier did, as JSON and as tables.</summary>
internal static class Judgement
{
    public static JsonObject Of(Evaluation evaluation, IReadOnlyList<string> classes)
    {
        var c = evaluation.Classification;
        return new JsonObject
        {
            ["windows"] = c.Total,
            ["accuracy"] = c.Accuracy,
            ["macro_f1"] = c.MacroF1,
            ["majority_accuracy"] = c.MajorityAccuracy,
            ["loss"] = evaluation.Loss,
            ["classes"] = new JsonArray([.. classes.Select((name, k) => new JsonObject
            {
                ["name"] = name,
                ["windows"] = Enumerable.Range(0, classes.Count).Sum(p => c[k, p]),
                ["precision"] = Share(c[k, k], Enumerable.Range(0, classes.Count).Sum(t => c[t, k])),
                ["recall"] = Share(c[k, k], Enumerable.Range(0, classes.Count).Sum(p => c[k, p])),
                ["f1"] = double.IsNaN(c.F1(k)) ? null : c.F1(k),
            })]),
            ["confusion"] = new JsonArray([.. Enumerable.Range(0, classes.Count).Select(t => new JsonArray([.. Enumerable.Range(0, classes.Count).Select(p => JsonValue.Create(c[t, p]))]))]),
        };
    }

    public static void Print(JsonObject judgement)
    {
        var culture = CultureInfo.InvariantCulture;
        Output.Data.WriteLine(string.Create(culture, $"accuracy {(double)judgement["accuracy"]!:P1}, macro F1 {(double)judgement["macro_f1"]!:0.000}, always the commonest class {(double)judgement["majority_accuracy"]!:P1}; {judgement["windows"]} windows"));
        var table = new Table().AddColumns("class", "windows", "precision", "recall", "F1");
        foreach (var c in judgement["classes"]!.AsArray())
            table.AddRow(Markup.Escape((string)c!["name"]!), c["windows"]!.ToString(), Text(c["precision"]), Text(c["recall"]), Text(c["f1"]));
        Output.Data.Write(table);
        string[] names = [.. judgement["classes"]!.AsArray().Select(c => (string)c!["name"]!)];
        var confusion = new Table().AddColumn("truth \\ answer").AddColumns([.. names.Select(Markup.Escape)]);
        for (var t = 0; t < names.Length; t++) confusion.AddRow([Markup.Escape(names[t]), .. judgement["confusion"]![t]!.AsArray().Select(n => n!.ToString())]);
        Output.Data.Write(confusion);

        string Text(JsonNode? value) => value is null ? "-" : ((double)value).ToString("0.000", culture);
    }

    private static JsonNode? Share(long part, long all) => all == 0 ? null : JsonValue.Create(part / (double)all);
}
