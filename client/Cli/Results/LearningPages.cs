using System.Text.Json.Nodes;
using static CitySafeSense.Cli.Results.Cells;

namespace CitySafeSense.Cli.Results;

/// <summary>Models trained in one place: accuracy on people never trained on, and what eight bits cost.</summary>
internal static class LearningPages
{
    private const int Seeds = 5;

    private static readonly (string Name, string Data, string Settings)[] models =
    [
        ("HAPT, width 16", "hapt_50hz.npz", "--set width=16"), ("HAPT, width 24", "hapt_50hz.npz", "--set width=24"),
        ("HAPT, width 48", "hapt_50hz.npz", "--set width=48"), ("SisFall, width 24", "sisfall_50hz.npz", "--set width=24"),
    ];

    public static ResultPage Activities { get; } = new(
        "activities", "Activities of people never trained on",
        "UCI HAPT: 21 people, 6 activities. A fifth of the people judge, a fifth decide when to stop; who they are depends on the seed, and people differ more than models do.",
        [.. Enumerable.Range(1, Seeds).Select(seed => $"train --data DATA/hapt_50hz.npz --seed {seed} --out TEMP/{seed} --json")],
        answers => [new ResultTable(["seed", "accuracy, %", "macro-F1", "windows"], [.. answers.Select(Row)])],
        answers => $"{Percent(Mean(answers.Select(a => a["training"]!["test_accuracy"])))} % of windows right, mean of seeds 1 to {Seeds} (goal 92).")
    {
        IsQuick = true,
    };

    public static ResultPage EightBits { get; } = new(
        "eight-bits", "Eight bits",
        "The same windows, of people never trained on, in the forms of a model: floats here and in ONNX Runtime, eight bits as the exported C computes, and in ONNX Runtime with seven-bit weights (docs/decisions/0032).",
        [.. models.SelectMany((m, i) => new[] { $"train --data DATA/{m.Data} {m.Settings} --seed 1 --out TEMP/{i} --json", $"evaluate --model TEMP/{i} --data DATA/{m.Data} --seed 1 --form float,int8,onnx,onnx-int8 --json" })],
        answers => [new ResultTable(["model", "float, %", "onnx, %", "int8, %", "onnx-int8, %"], [.. models.Select((m, i) => Forms(m.Name, answers[2 * i + 1]))])],
        answers => $"at most {Percent(models.SelectMany((_, i) => Losses(answers[2 * i + 1])).Max())} points below float, over {models.Length} models of HAPT and SisFall.");

    private static IReadOnlyList<string> Row(JsonNode answer)
    {
        var training = answer["training"]!;
        return [$"{training["seed"]}", Percent(training["test_accuracy"]), Number(training["test_macro_f1"]), $"{training["test_windows"]}"];
    }

    private static IReadOnlyList<string> Forms(string name, JsonNode judged) =>
        [name, .. new[] { "float", "onnx", "int8", "onnx-int8" }.Select(form => Percent(judged[form]!["accuracy"]))];

    private static IEnumerable<double> Losses(JsonNode judged) => new[] { "int8", "onnx-int8" }.Select(form => (double)judged["float"]!["accuracy"]! - (double)judged[form]!["accuracy"]!);
}
