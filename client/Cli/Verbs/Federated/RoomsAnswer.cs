using System.Globalization;
using System.Text.Json.Nodes;
using CitySafeSense.Cli.Terminal;
using CitySafeSense.InProcess;
using CitySafeSense.Sensing.Rooms;
using Spectre.Console;

namespace CitySafeSense.Cli.Verbs.Federated;

/// <summary>What rooms made of their clips, as JSON and as a table.</summary>
internal static class RoomsAnswer
{
    public static JsonObject Of(IReadOnlyList<RoomSplit> splits, RoomExperimentOptions options, int seeds, string score, JsonObject graded, JsonObject? newRooms, JsonObject? few)
    {
        var answer = new JsonObject
        {
            ["rooms"] = new JsonArray([.. splits.Select(s => new JsonObject
            {
                ["room"] = s.Room, ["training_frames"] = s.Training.Sum(c => c.Frames.Count), ["held_out_daily_clips"] = s.HeldOut.Count(c => !c.HasFall), ["fall_clips"] = s.HeldOut.Count(c => c.HasFall), ["one_clip_cut"] = s.IsOneClip,
            })]),
            ["model"] = options.Kind.Name,
            ["rounds"] = options.Rounds,
            ["seeds"] = seeds,
            ["score"] = score,
            ["strategies"] = graded,
        };
        if (newRooms is not null) answer["new_rooms"] = newRooms;
        if (few is not null) answer["few_frames"] = few;
        return answer;
    }

    /// <param name="seeds">The same clips in the same order, as models of several seeds scored them.</param>
    public static JsonObject Describe(IReadOnlyList<IReadOnlyList<JudgedClip>> seeds, bool hasThreshold, IReadOnlyList<ExperimentRoom> rooms, ulong seed) => new()
    {
        ["pooled"] = Figures(RoomGrade.Of(seeds, hasThreshold, seed)),
        ["by_room"] = new JsonObject([.. rooms.Select(r => KeyValuePair.Create(r.Name, (JsonNode?)Figures(RoomGrade.Of([.. seeds.Select(s => s.Where(c => c.Room == r.Name).ToArray())], hasThreshold, seed))))]),
    };

    /// <summary>Each score, and each room by the score that the other rooms choose.</summary>
    public static JsonObject ByScore(IReadOnlyDictionary<string, IReadOnlyList<IReadOnlyList<JudgedClip>>> byScore, ulong seed)
    {
        var answer = new JsonObject([.. byScore.Select(s => KeyValuePair.Create(s.Key, (JsonNode?)Areas(RoomGrade.Of(s.Value, true, seed))))]);
        var choice = ScoreChoice.Of(byScore);
        var chosen = Areas(RoomGrade.Of(choice.Seeds, true, seed));
        chosen["by_room"] = new JsonObject([.. choice.ByRoom.Select(c => KeyValuePair.Create(c.Key, (JsonNode?)JsonValue.Create(c.Value)))]);
        answer["chosen_by_other_rooms"] = chosen;
        return answer;
    }

    public static JsonNode? Figure(RoomFigure figure) => double.IsFinite(figure.Mean) ? new JsonObject { ["mean"] = Math.Round(figure.Mean, 4), ["low"] = Math.Round(figure.Low, 4), ["high"] = Math.Round(figure.High, 4) } : null;

    public static void Print(JsonObject answer)
    {
        var table = new Table().AddColumns("", "rooms", "frames: falls beside daily life", "beside what came before", "clips", "average precision", "F1 at the threshold");
        var rows = answer["strategies"]!.AsObject().ToList();
        if (answer["new_rooms"] is { } asked) rows.Add(new("new rooms", asked));
        if (answer["few_frames"] is JsonObject few) rows.AddRange(few.Where(f => f.Value is JsonObject).Select(f => KeyValuePair.Create($"{f.Key}, {few["frames"]} frames", f.Value)));
        foreach (var (strategy, graded) in rows)
            foreach (var (room, figures) in graded!["by_room"]!.AsObject().Prepend(KeyValuePair.Create("pooled", graded["pooled"])))
                table.AddRow(
                    room == "pooled" ? strategy : "", room, Text(figures!["frame_auroc"]), Text(figures["frame_auroc_before_fall"]), Text(figures["clip_auroc"]), Text(figures["average_precision"]), Text(figures["f1_at_threshold"]));
        Output.Data.Write(table);

        static string Text(JsonNode? figure) => figure is null ? "-" : string.Create(CultureInfo.InvariantCulture, $"{(double)figure["mean"]!:F2} ({(double)figure["low"]!:F2}-{(double)figure["high"]!:F2})");
    }

    private static JsonObject Figures(RoomGrade grade)
    {
        var figures = Areas(grade);
        figures["clip_auroc"] = Figure(grade.ClipArea);
        figures["average_precision"] = Figure(grade.AveragePrecision);
        figures["f1_at_threshold"] = Figure(grade.F1);
        return figures;
    }

    private static JsonObject Areas(RoomGrade grade) => new() { ["frame_auroc"] = Figure(grade.FrameArea), ["frame_auroc_before_fall"] = Figure(grade.BeforeFallArea) };
}
