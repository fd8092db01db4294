using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using CitySafeSense.Cli.Models;
using CitySafeSense.Cli.Terminal;
using CitySafeSense.Edge;
using CitySafeSense.Learning;
using CitySafeSense.Sensing;
using CitySafeSense.Sensing.Rooms;
using CitySafeSense.Video;

namespace CitySafeSense.Cli.Verbs;

/// <summary>`edge`: what runs on a device.</summary>
internal static class EdgeVerbs
{
    private const string Auto = "auto";

    public static Command Command() => new("edge", "What runs on a device, such as a Raspberry Pi with a camera.") { Detect() };

    private static Command Detect()
    {
        var source = new Option<string>("--source") { Description = "camera, /dev/videoN, rtsp://..., a video or a folder of images.", DefaultValueFactory = _ => "camera" };
        var threshold = new Option<string>("--threshold") { Description = "auto learns it; or a number such as 0.02.", DefaultValueFactory = _ => Auto };
        var model = new Option<string?>("--model") { Description = $"{string.Join(", ", Autoencoders.All.Select(a => a.Name))}; where left out the third learns its threshold, and the first is compared with a number." };
        var start = new Option<DirectoryInfo?>("--start") { Description = "Folder that `simulate rooms --out` has written: the room begins with what others have learned." };
        var rate = new Option<double>("--fps") { Description = "Frames looked at in a second.", DefaultValueFactory = _ => 5 };
        var learn = new Option<int>("--learn") { Description = "Frames of ordinary life to learn from first.", DefaultValueFactory = _ => 150 };
        var most = new Option<long?>("--frames") { Description = "Stop after so many frames." };
        var (seed, json) = (Output.SeedOption(), Output.JsonOption());
        var command = new Command("detect", """
            Learns what a room usually looks like from its first frames, then says when it does not. Frames stay in the memory of this
            program. One line for each change; with --json one object for each frame on a line, and a summary last. Cameras that end are
            opened again; interrupt to stop. With --broker the city is told that something began, and when; never a frame. Whoever is
            filmed must know it and agree.

            Example: citysafe edge detect --source camera
            Example: citysafe edge detect --source kitchen.mp4 --threshold 0.02 --learn 50 --json
            Example: CITYSAFE_DEVICE_PASSWORD=... citysafe edge detect --source camera --broker city.example:8883 --device kitchen-7
            """) { source, threshold, model, start, rate, learn, most, RoomReports.Broker, RoomReports.Device, RoomReports.Authority, seed, json };
        command.SetAction(async (parse, cancellation) =>
        {
            double? given = parse.GetValue(threshold) is { } text && text != Auto
                ? double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : throw new ArgumentException($"--threshold {text}: auto, or a number such as 0.02")
                : null;
            var learned = parse.GetValue(start) is { } folder ? RoomModel.Load(folder) : null;
            if (learned is not null && parse.GetValue(model) is { } other && other != learned.Kind.Name) throw new ArgumentException($"--start is of {learned.Kind.Name}, not of --model {other}");
            var options = new RoomDetectorOptions
            {
                Start = learned?.Weights,
                Model = learned?.Kind.Name ?? parse.GetValue(model) ?? (given is null ? "bottleneck-autoencoder" : "simple-autoencoder"),
                LearnFrames = parse.GetValue(learn),
                Threshold = given,
                Seed = parse.GetValue(seed),
            };
            var detector = new RoomDetector(options);
            await using var reports = await RoomReports.Open(parse, cancellation);
            var from = VideoSource.Parse(parse.GetValue(source)!);
            var frames = new VideoFrames(from, new VideoOptions(detector.Size, detector.Size, parse.GetValue(rate)), Output.Note);
            var tally = await Watch(frames, detector, reports, parse.GetValue(most), parse.GetValue(json), cancellation);
            if (tally[RoomState.Ordinary] + tally[RoomState.OutOfTheOrdinary] == 0)
                throw new CommandFailedException($"{from.Name}: {tally[RoomState.Learning]} frames that could be seen, {options.LearnFrames} are learned from first: give a longer recording, or a smaller --learn");
            Summarise(tally, frames.Dropped, parse.GetValue(json));
            return Run.Done;
        });
        return command;
    }

    private static async Task<Dictionary<RoomState, long>> Watch(VideoFrames frames, RoomDetector detector, RoomReports? reports, long? most, bool isJson, CancellationToken cancellation)
    {
        var (tally, before) = (Enum.GetValues<RoomState>().ToDictionary(s => s, _ => 0L), (RoomState?)null);
        try
        {
            await foreach (var frame in frames.Read(cancellation))
            {
                var verdict = detector.See(new Picture(detector.Size, detector.Size, frame.Rgb));
                tally[verdict.State]++;
                if (verdict.Event is { } happened) reports?.Tell(happened);
                if (isJson) Output.Line(Describe(frame, verdict).ToJsonString());
                else if (verdict.State != before) Output.Line(string.Create(CultureInfo.InvariantCulture, $"{frame.At:hh\\:mm\\:ss\\.f}  {Word(verdict.State).Replace('_', ' ')}{(verdict.Score is { } score ? $", score {score:F5}, threshold {verdict.Threshold:F5}" : "")}"));
                before = verdict.State;
                if (tally.Values.Sum() == most) break;
            }
        }
        catch (OperationCanceledException)
        {
            Output.Note("stopped");
        }
        return tally;
    }

    private static JsonObject Describe(VideoFrame frame, RoomVerdict verdict) => new()
    {
        ["frame"] = frame.Number,
        ["at_seconds"] = Math.Round(frame.At.TotalSeconds, 2),
        ["state"] = Word(verdict.State),
        ["score"] = Rounded(verdict.Score),
        ["threshold"] = Rounded(verdict.Threshold),
        ["event"] = verdict.Event is { } happened ? new JsonObject { ["event"] = EventVocabulary.Of(ActivityClass.UnusualScene), ["probability"] = Rounded(happened.Probability) } : null,
    };

    private static void Summarise(Dictionary<RoomState, long> tally, long dropped, bool isJson)
    {
        var summary = new JsonObject([.. tally.Select(t => KeyValuePair.Create(Word(t.Key), (JsonNode?)t.Value))]) { ["dropped"] = dropped };
        if (isJson) Output.Line(new JsonObject { ["summary"] = summary }.ToJsonString());
        else Output.Note(string.Join(", ", summary.Select(s => $"{s.Value} {s.Key.Replace('_', ' ')}")));
    }

    private static double? Rounded(double? value) => value is { } number ? Math.Round(number, 6) : null;

    private static string Word(RoomState state) => JsonNamingPolicy.SnakeCaseLower.ConvertName(state.ToString());
}
