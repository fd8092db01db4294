using System.Text.Json.Nodes;
using static CitySafeSense.Cli.Results.Cells;

namespace CitySafeSense.Cli.Results;

/// <summary>Flows of a simulated city under detectors, and where real events happen.</summary>
internal static class CityPages
{
    private const int Seeds = 5;
    private const string Combined = "combined";
    private static readonly (string Key, string Name)[] releases = [("exact", "exact counts"), ("released_simulation", "released in simulation"), ("released_production", "released in production")];
    private static readonly (string Key, string Name, bool IsShare)[] demoFields =
    [
        ("windows", "windows", false), ("true_incident_windows", "of them truly incidents", false), ("detections", "incident windows seen in released cells", false), ("rounds", "federated rounds", false),
        ("accuracy_new_people", "accuracy, newest version", true), ("accuracy_new_people_released", "accuracy, released version", true), ("accuracy_majority_class", "majority class", true),
        ("accuracy_logistic_regression", "logistic regression", true), ("cells_released", "cells released in the last bin", false), ("cells_merged", "merged", false), ("cells_suppressed", "suppressed", false),
        ("cells_ever_released", "cells ever released", false),
    ];
    private static readonly string[] methods = ["uniform", "last year's counts", "all past counts", "kernel density", "shrunken rate", "oracle"];

    public static ResultPage Demo { get; } = new(
        "demo", "The demo",
        "1,000 virtual devices in the centre of a virtual São Paulo, 30 virtual minutes, one incident. Accuracies are on 60 people never trained on. These are simulated signals: the figures say that federation learns, nothing about a street.",
        ["demo --seed 1 --json"],
        answers => [new ResultTable(["", ""], [.. demoFields.Select(f => new[] { f.Name, f.IsShare ? $"{Percent(answers[0][f.Key])} %" : $"{answers[0][f.Key]}" }), ["hottest cell", $"{answers[0]["hottest_cells"]![0]!["cell"]}"],
            ["cell of the incident", $"{answers[0]["incidents"]![0]!["cell"]}"], ["raised an alarm", (bool)answers[0]["incidents"]![0]!["raised_an_alarm"]! ? "yes" : "no"]])],
        answers => $"{answers[0]["rounds"]} rounds; {Percent(answers[0]["accuracy_new_people"])} % accuracy on people never trained on, {Percent(answers[0]["accuracy_new_people_released"])} of the version that devices use, {Percent(answers[0]["accuracy_majority_class"])} for the majority class, "
            + $"{Percent(answers[0]["accuracy_logistic_regression"])} for logistic regression; the cell of the incident {((string)answers[0]["hottest_cells"]![0]!["cell"]! == (string)answers[0]["incidents"]![0]!["cell"]! ? "is the hottest" : "is not the hottest")} and {((bool)answers[0]["incidents"]![0]!["raised_an_alarm"]! ? "raised an alarm" : "raised no alarm")}.")
    {
        IsQuick = true,
    };

    public static ResultPage Detectors { get; } = new(
        "detectors", "What is out of the ordinary",
        "Simulated flows: 2,000 cells, eight weeks to learn what is usual, two weeks with 120 incidents among concerts, rain, strikes and late buses, seeds 1 to 5. An incident counts as found where a detector alarms in its cell or beside it within half an hour. "
        + "Sizes are in standard deviations of the cell's own half-hour count. Thresholds come from ten other cities without incidents.",
        [.. Enumerable.Range(1, Seeds).Select(seed => $"simulate city --warmup-days 56 --days 14 --cells 2000 --incidents 120 --seed {seed} --json")],
        answers => [new ResultTable(
            ["counts", "detector", "3 sd", "6 sd", "12 sd", "medium and large", "precision", "false alarms a cell and week"],
            [.. from release in releases
                from detector in answers[0][release.Key]!["detectors"]!.AsObject().Select(d => d.Key).Append(Combined)
                select Row(answers, release, detector)])],
        answers => $"of medium and large incidents the combined detector finds {Recall(answers, "exact")} of 1 from exact counts (goal 0.9), {Recall(answers, "released_simulation")} where bins of few people are hidden, and {Recall(answers, "released_production")} from what production shows: that is the price of its promise.");

    public static ResultPage Prediction { get; } = new(
        "prediction", "Where events will be",
        "73,348 traffic accidents in São Paulo: those of 2011 and 2012 tell where those of 2014 happen, 5 % of the cells named. The oracle names the best cells after the fact.",
        ["hotspots evaluate --points DATA/sao_paulo_accidents.csv.gz --train 2011,2012 --test 2014 --area DATA/sao_paulo_districts.geojson --json"],
        answers => [new ResultTable(["method", "hits, %", "accuracy index", "share of the oracle"], [.. methods.Select(m => new[] { m, Percent(answers[0]["methods"]![m]!["hit_rate"]), Number(answers[0]["methods"]![m]!["accuracy_index"], "F2"), Number(answers[0]["methods"]![m]!["share_of_oracle"]) })])],
        answers => $"5 % of the cells hold {Percent(answers[0]["methods"]!["all past counts"]!["hit_rate"])} % of next year's accidents by past counts, {Percent(answers[0]["methods"]!["shrunken rate"]!["hit_rate"])} by ours (goal: more than past counts), {Percent(answers[0]["methods"]!["kernel density"]!["hit_rate"])} by a kernel density.")
    {
        IsQuick = true,
    };

    private static IReadOnlyList<string> Row(IReadOnlyList<JsonNode> answers, (string Key, string Name) release, string detector)
    {
        JsonNode[] graded = [.. answers.Select(a => Graded(a, release.Key, detector))];
        string Recall(string size) => Number(Mean(graded.Select(g => g["recall_by_size"]![size]!["share"])), "F2");
        var alarms = graded.Sum(g => (double)g["alarms"]!);
        return
        [
            release.Name, detector.Replace('_', ' '), Recall("3"), Recall("6"), Recall("12"), Number(Mean(graded.Select(g => g["recall_medium_and_large"]!["share"])), "F2"),
            alarms == 0 ? "-" : Number(graded.Sum(g => (double)g["alarms"]! * (double)g["precision"]!["share"]!) / alarms, "F2"), Number(Mean(graded.Select(g => g["false_alarms_per_cell_week"]))),
        ];
    }

    private static JsonNode Graded(JsonNode answer, string release, string detector) => detector == Combined ? answer[release]![Combined]! : answer[release]!["detectors"]![detector]!;

    private static string Recall(IReadOnlyList<JsonNode> answers, string release) => Number(Mean(answers.Select(a => Graded(a, release, Combined)["recall_medium_and_large"]!["share"])), "F2");
}
