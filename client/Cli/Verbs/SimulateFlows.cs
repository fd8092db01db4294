using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using CitySafeSense.City;
using CitySafeSense.Cli.Terminal;
using CitySafeSense.Hotspots;
using CitySafeSense.Numerics;
using CitySafeSense.Privacy;
using Spectre.Console;

namespace CitySafeSense.Cli.Verbs;

/// <summary>`simulate city --warmup-days`: weeks of a large city's flows, and how its incidents are noticed among what harms nobody.</summary>
internal static class SimulateFlows
{
    /// <summary>The fewest people that are shown of a cell in five minutes.</summary>
    private const int Shown = 10;

    /// <summary>Allowed per cell and week.</summary>
    private const double FalseAlarms = 0.01;

    private const int Calibrations = 10;

    /// <summary>With an interval each: of the incidents of all sizes, of medium and large ones, and of each size.</summary>
    private static readonly (string Name, int[] Sizes)[] recalls = [("recall", [3, 6, 12]), ("recall_medium_and_large", [6, 12])];

    public static JsonObject Run(int cells, int warmUpDays, int days, int incidents, ulong seed)
    {
        FlowCity City() => new(cells, warmUpDays, days, incidents, seed);
        var whole = City();
        var exact = DetectionTrial.Run(whole, progress: day => Tell("exact counts", day));
        var released = DetectionTrial.Run(City(), Shown, day => Tell("released counts (simulation)", day));
        var noisy = DetectionTrial.RunOnNoisyHours(City(), Shown, ReleaseNoise(seed), day => Tell("released hours (production)", day));
        return new JsonObject
        {
            ["incidents"] = incidents,
            ["cells"] = cells,
            ["people_in_a_cell"] = Math.Round(whole.UsualPeople, 1),
            ["exact"] = Column(exact, DetectionThresholds.Exact, incidents > 0),
            ["released_simulation"] = Column(released, DetectionThresholds.Released, incidents > 0),
            ["released_production"] = Column(noisy, DetectionThresholds.Noisy, incidents > 0),
        };

        void Tell(string what, int day)
        {
            if (day % 7 == 0) Output.Note(string.Create(CultureInfo.InvariantCulture, $"{what}: day {day} of {warmUpDays + days}"));
        }
    }

    /// <summary>Thresholds at which ten cities without incidents, of seeds that nobody is graded on, give the false alarms that are allowed.</summary>
    public static JsonObject Calibrate(int cells, int warmUpDays, int days, ulong seed)
    {
        return new JsonObject
        {
            ["exact"] = Thresholds((city, _) => DetectionTrial.Run(city)),
            ["released_simulation"] = Thresholds((city, _) => DetectionTrial.Run(city, Shown)),
            ["released_production"] = Thresholds((city, own) => DetectionTrial.RunOnNoisyHours(city, Shown, ReleaseNoise(own))),
        };

        JsonObject Thresholds(Func<FlowCity, ulong, DetectionTrial> run)
        {
            var trials = new DetectionTrial[Calibrations];
            Parallel.For(0, trials.Length, i => trials[i] = run(new FlowCity(cells, warmUpDays, days, 0, seed + (ulong)i), seed + (ulong)i));
            return new JsonObject([.. trials[0].Detectors.Select(d => KeyValuePair.Create(d.ToString(), (JsonNode?)DetectionTrial.ThresholdFor(trials, d, FalseAlarms)))]);
        }
    }

    public static void Print(JsonObject answer)
    {
        var table = new Table().AddColumns("counts", "detector", "precision", "recall", "3 sd", "6 sd", "12 sd", "delay, min", "false alarms / cell-week");
        foreach (var column in new[] { "exact", "released_simulation", "released_production" })
            foreach (var (name, grade) in answer[column]!["detectors"]!.AsObject().Append(KeyValuePair.Create("combined", answer[column]!["combined"])))
                table.AddRow(
                    column, name, Share(grade!["precision"]), Share(grade["recall"]), Share(grade["recall_by_size"]?["3"]), Share(grade["recall_by_size"]?["6"]), Share(grade["recall_by_size"]?["12"]),
                    grade["delay_minutes"] is { } delay ? $"{(double)delay:F0}" : "-", $"{(double)grade["false_alarms_per_cell_week"]!:F4}");
        Output.Data.Write(table);

        static string Share(JsonNode? interval) => interval is null ? "-" : string.Create(CultureInfo.InvariantCulture, $"{(double)interval["share"]!:F2} ({(double)interval["low"]!:F2}-{(double)interval["high"]!:F2})");
    }

    private static JsonObject Column(DetectionTrial trial, IReadOnlyDictionary<FlowDetector, double> thresholds, bool hasIncidents)
    {
        var grades = thresholds.ToDictionary(t => t.Key, t => Describe(trial.Grade(t.Key, t.Value), t.Value, hasIncidents));
        return new JsonObject
        {
            ["detectors"] = new JsonObject([.. grades.Where(g => g.Key != FlowDetector.Combined).Select(g => KeyValuePair.Create(JsonNamingPolicy.SnakeCaseLower.ConvertName(g.Key.ToString()), (JsonNode?)g.Value))]),
            // Where only one looks, it is all there is.
            ["combined"] = grades[thresholds.Keys.Max()].DeepClone(),
        };
    }

    private static JsonObject Describe(DetectionGrade grade, double threshold, bool hasIncidents)
    {
        var answer = new JsonObject { ["threshold"] = threshold, ["alarms"] = grade.Alarms };
        if (hasIncidents)
        {
            answer["precision"] = Interval(grade.Precision);
            foreach (var (name, sizes) in recalls) answer[name] = Interval(grade.Recall(sizes));
            answer["recall_by_size"] = new JsonObject([.. grade.Found.Keys.Order().Select(size => KeyValuePair.Create(size.ToString(CultureInfo.InvariantCulture), (JsonNode?)Interval(grade.Recall(size))))]);
            answer["delay_minutes"] = grade.DelayMinutes is { } delay ? Math.Round(delay, 1) : null;
        }
        answer["false_alarms_per_cell_week"] = Math.Round(grade.FalseAlarmsPerCellWeek, 5);
        return answer;
    }

    private static Noise ReleaseNoise(ulong seed) => new(new SeededBytes(Rng.For(seed, "release")));

    private static JsonObject Interval(WilsonInterval of) => new() { ["share"] = Math.Round(of.Share, 4), ["low"] = Math.Round(of.Low, 4), ["high"] = Math.Round(of.High, 4) };

}
