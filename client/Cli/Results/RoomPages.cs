using System.Text.Json.Nodes;
using static CitySafeSense.Cli.Results.Cells;

namespace CitySafeSense.Cli.Results;

/// <summary>Rooms that learn daily life together and are asked about falls.</summary>
internal static class RoomPages
{
    private const int Seeds = 5;

    public static ResultPage Falls { get; } = new(
        "rooms", "Falls in rooms",
        "GMDCSA24: 770 frames of four people in three rooms; 20 to 111 frames of daily life to learn from, seeds 1 to 5. Area under the curve over frames, with the interval of drawing the 19 held-out clips anew: so few clips tell little. "
        + "The last column leaves each room in turn 20 frames. Frames before a fall are as unusual as the fall: lying and standing are not told apart.",
        ["simulate rooms --data DATA/rooms_gmdcsa24.npz --seed 1 --new-rooms --json", "simulate rooms --data DATA/rooms_gmdcsa24.npz --seed 1 --few 20 --strategy fedavg,fedavg-ft,fedala-channel,local --json"],
        answers => [new ResultTable(
            ["strategy", "falls beside daily life", "beside the frames before the fall", "clips", "lead over background difference", "room of 20 frames"],
            [.. answers[0]["strategies"]!.AsObject().Select(s => Row(s.Key, s.Value!["pooled"]!, answers[1]["few_frames"]![s.Key]?["pooled"])), Row("a new room (fedavg)", answers[0]["new_rooms"]!["pooled"]!, null)])],
        answers => $"falls beside daily life {Interval(answers[0]["strategies"]!["fedavg-ft"]!["pooled"]!["frame_auroc"])} with FedAvg and one local step, {Interval(answers[0]["strategies"]!["background-difference"]!["pooled"]!["frame_auroc"])} with a background difference that learns nothing (goal 0.80; 19 clips).");

    public static ResultPage Microcontroller { get; } = new(
        "microcontroller", "A model for a microcontroller",
        "The same rooms, 777 parameters, exported as C99 and compared bit for bit on every frame, here and on an emulated Cortex-M4.",
        [.. Enumerable.Range(1, Seeds).Select(seed => $"simulate micro --data DATA/rooms_gmdcsa24.npz --seed {seed} --json")],
        answers => [new ResultTable(
            ["seed", "float", "eight bits", "flash, bytes", "memory, bytes", "frames compared", "C bit-identical", "instructions a frame"],
            [.. answers.Select((a, i) => new[] { $"{i + 1}", Interval(a["frame_auroc_float"]), Interval(a["frame_auroc_int8"]), $"{a["flash_bytes_cortex_m4"]}", $"{a["memory_bytes_cortex_m4"]}", $"{a["frames_compared"]}", $"{a["c_is_bit_identical"]}", $"{a["cortex_m4_instructions_per_frame"]}" })])],
        answers => $"area under the curve {Number(Mean(answers.Select(a => a["frame_auroc_float"]!["mean"])), "F2")} in floats and {Number(Mean(answers.Select(a => a["frame_auroc_int8"]!["mean"])), "F2")} in eight bits; {answers[0]["flash_bytes_cortex_m4"]} bytes of flash.");

    private static IReadOnlyList<string> Row(string name, JsonNode pooled, JsonNode? few) =>
        [name, Interval(pooled["frame_auroc"]), Interval(pooled["frame_auroc_before_fall"]), Interval(pooled["clip_auroc"]), Interval(pooled["lead_over_background"]), Interval(few?["frame_auroc"])];
}
