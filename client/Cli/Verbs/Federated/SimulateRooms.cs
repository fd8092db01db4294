using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using CitySafeSense.Cli.Terminal;
using CitySafeSense.Contracts;
using CitySafeSense.InProcess;
using CitySafeSense.Sensing.Recordings;
using CitySafeSense.Sensing.Rooms;
using Spectre.Console;

namespace CitySafeSense.Cli.Verbs.Federated;

/// <summary>`simulate rooms`: rooms learn daily life together from recordings, and are asked about falls they have never seen.</summary>
internal static class SimulateRooms
{
    private const string Background = "background-difference";

    private static readonly IReadOnlyDictionary<string, Func<FrameScore, double>> scores = new Dictionary<string, Func<FrameScore, double>>
    {
        ["mean"] = s => s.Mean,
        ["worst-patch"] = s => s.WorstPatch,
        ["dissimilarity"] = s => s.Dissimilarity,
        ["change"] = s => s.Change,
    };

    public static Command Command()
    {
        var data = new Option<FileInfo>("--data") { Description = "Frames of rooms (.npz: frames, subject, kind, video, t, is_fall).", Required = true };
        var clients = new Option<int>("--clients") { Description = "Rooms; where the data has fewer it says so and goes on with those.", DefaultValueFactory = _ => 5 };
        var strategies = new Option<string>("--strategy") { Description = $"Comma-separated; {RoomExperiment.Central} has all frames in one place.", DefaultValueFactory = _ => "fedavg,fedala,fedala-channel,local,fedavg-ft,central" };
        var model = new Option<string>("--model") { Description = "simple-autoencoder (64 x 64) or micro-autoencoder (32 x 32).", DefaultValueFactory = _ => "simple-autoencoder" };
        var rounds = new Option<int>("--rounds") { Description = "Federated rounds.", DefaultValueFactory = _ => 20 };
        var epochs = new Option<int>("--epochs") { Description = "Local epochs in a round.", DefaultValueFactory = _ => 3 };
        var rate = new Option<double>("--learning-rate") { Description = "Of Adam.", DefaultValueFactory = _ => 0.003 };
        var seeds = new Option<int>("--seeds") { Description = "Repetitions, each from a seed of its own.", DefaultValueFactory = _ => 5 };
        var score = new Option<string>("--score") { Description = $"By which rooms are judged one by one: {string.Join(", ", scores.Keys)}.", DefaultValueFactory = _ => "mean" };
        var newRoom = new Option<bool>("--new-rooms") { Description = "Also leave each room out of training and ask it as a new one." };
        var (seed, json) = (Output.SeedOption(), Output.JsonOption());
        var command = new Command("rooms", """
            Rooms train an autoencoder on frames of daily life, each on its own, and learn together by several strategies. Then
            they are asked about held-out clips with and without a fall, beside a baseline that learns nothing. The figures are
            about lying or falling in these rooms; every one has an interval, made by drawing clips anew.

            Example: citysafe simulate rooms --data rooms.npz --seed 1 --json
            """) { data, clients, strategies, model, rounds, epochs, rate, seeds, score, newRoom, seed, json };
        command.SetAction(async parse =>
        {
            if (!scores.ContainsKey(parse.GetValue(score)!)) throw new ArgumentException($"--score {parse.GetValue(score)}: {string.Join(", ", scores.Keys)} are the choices");
            if (parse.GetValue(rounds) is < 1 or > 1000 || parse.GetValue(epochs) is < 1 or > 1000 || parse.GetValue(seeds) is < 1 or > 100 || parse.GetValue(clients) is < 1 or > 1000)
                throw new ArgumentException("--rounds and --epochs must be 1 to 1000, --seeds 1 to 100, --clients 1 to 1000");
            var splits = Read(parse.GetValue(data)!, parse.GetValue(clients));
            var started = Stopwatch.GetTimestamp();
            var options = new RoomExperimentOptions(
                parse.GetValue(model)!, parse.GetValue(model) == "micro-autoencoder" ? 32 : 64, parse.GetValue(rounds), parse.GetValue(epochs), parse.GetValue(rate), parse.GetValue(seed), Environment.ProcessorCount);
            string[] names = [.. parse.GetValue(strategies)!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
            foreach (var name in names.Where(n => n != RoomExperiment.Central)) _ = Federation.Strategy.Named(name);
            var answer = await Judge(splits, names, options, parse.GetValue(seeds), parse.GetValue(score)!, parse.GetValue(newRoom));
            answer["seconds"] = Math.Round(Stopwatch.GetElapsedTime(started).TotalSeconds, 1);
            if (parse.GetValue(json)) Output.Json(answer);
            else Print(answer);
            return Run.Done;
        });
        return command;
    }

    /// <param name="wanted">All there are where left out.</param>
    public static IReadOnlyList<RoomSplit> Read(FileInfo file, int? wanted = null)
    {
        using var archive = NpzArchive.Open(file.FullName);
        var splits = RoomSplit.Of(RoomClip.Read(archive));
        if (splits.Count < wanted) Output.Note($"{file.Name} has {splits.Count} rooms, not {wanted}: it goes on with these");
        return [.. splits.Take(wanted ?? splits.Count)];
    }

    public static ExperimentRoom[] Rooms(IReadOnlyList<RoomSplit> splits) => [.. splits.Select(s => new ExperimentRoom(Name(s), [.. s.Training.SelectMany(c => c.Frames)], s.HeldOut))];

    private static async Task<JsonObject> Judge(IReadOnlyList<RoomSplit> splits, string[] strategies, RoomExperimentOptions options, int seeds, string score, bool asksNewRooms)
    {
        var rooms = Rooms(splits);
        var answer = new JsonObject
        {
            ["rooms"] = new JsonArray([.. splits.Select(s => new JsonObject
            {
                ["room"] = Name(s), ["training_frames"] = s.Training.Sum(c => c.Frames.Count), ["held_out_daily_clips"] = s.HeldOut.Count(c => !c.HasFall), ["fall_clips"] = s.HeldOut.Count(c => c.HasFall), ["one_clip_cut"] = s.IsOneClip,
            })]),
            ["model"] = options.Kind,
            ["rounds"] = options.Rounds,
            ["seeds"] = seeds,
            ["score"] = score,
        };
        IReadOnlyList<JudgedClip> baseline = [.. splits.SelectMany(s => s.HeldOut.Select(c => new JudgedClip(Name(s), c.Kinds, BackgroundDifference.Of(c.Frames))))];
        var graded = new JsonObject { [Background] = Describe([baseline], false, rooms, options.Seed) };
        foreach (var strategy in strategies)
        {
            var runs = await Repeat(seeds, strategy, async seed => (await RoomExperiment.Run(rooms, strategy, options with { Seed = seed }, progress: (round, loss) => Tell(strategy, seed, round, options.Rounds, loss))).Rooms, options.Seed);
            graded[strategy] = Describe([.. runs.Select(r => Judged(r, scores[score]))], true, rooms, options.Seed);
            graded[strategy]!["pooled_by_score"] = new JsonObject([.. scores.Select(s => KeyValuePair.Create(s.Key, (JsonNode?)Areas(RoomGrade.Of([.. runs.Select(r => Judged(r, s.Value))], true, options.Seed))))]);
        }
        answer["strategies"] = graded;
        if (asksNewRooms)
        {
            var runs = await Repeat(seeds, "new rooms", seed => AsNew(rooms, options with { Seed = seed }), options.Seed);
            answer["new_rooms"] = Describe([.. runs.Select(r => Judged(r, scores[score]))], true, rooms, options.Seed);
        }
        return answer;
    }

    /// <summary>Each room as one that the others have learned without.</summary>
    private static async Task<IReadOnlyList<ScoredRoom>> AsNew(ExperimentRoom[] rooms, RoomExperimentOptions options)
    {
        var asked = new List<ScoredRoom>();
        foreach (var room in rooms) asked.Add((await RoomExperiment.Run(rooms, "fedavg", options, [room.Name])).Rooms.Single(r => r.Name == room.Name));
        return asked;
    }

    private static async Task<IReadOnlyList<IReadOnlyList<ScoredRoom>>> Repeat(int seeds, string what, Func<ulong, Task<IReadOnlyList<ScoredRoom>>> run, ulong first)
    {
        var runs = new List<IReadOnlyList<ScoredRoom>>();
        for (var s = 0; s < seeds; s++)
        {
            runs.Add(await run(first + (ulong)s));
            Output.Note($"{what}: seed {first + (ulong)s} is done, {s + 1} of {seeds}");
        }
        return runs;
    }

    private static IReadOnlyList<JudgedClip> Judged(IReadOnlyList<ScoredRoom> rooms, Func<FrameScore, double> score) =>
        [.. rooms.SelectMany(room => JudgedClip.Of(room.Name, room.Training.Select(score), room.HeldOut.Select(c => (c.Clip, c.Scores.Select(score)))))];

    private static JsonObject Describe(IReadOnlyList<IReadOnlyList<JudgedClip>> seeds, bool hasThreshold, ExperimentRoom[] rooms, ulong seed) => new()
    {
        ["pooled"] = Figures(RoomGrade.Of(seeds, hasThreshold, seed)),
        ["by_room"] = new JsonObject([.. rooms.Select(r => KeyValuePair.Create(r.Name, (JsonNode?)Figures(RoomGrade.Of([.. seeds.Select(s => s.Where(c => c.Room == r.Name).ToArray())], hasThreshold, seed))))]),
    };

    private static JsonObject Figures(RoomGrade grade)
    {
        var figures = Areas(grade);
        figures["clip_auroc"] = Figure(grade.ClipArea);
        figures["average_precision"] = Figure(grade.AveragePrecision);
        figures["f1_at_threshold"] = Figure(grade.F1);
        return figures;
    }

    private static JsonObject Areas(RoomGrade grade) => new() { ["frame_auroc"] = Figure(grade.FrameArea), ["frame_auroc_before_fall"] = Figure(grade.BeforeFallArea) };

    public static JsonNode? Figure(RoomFigure figure) => double.IsFinite(figure.Mean) ? new JsonObject { ["mean"] = Math.Round(figure.Mean, 4), ["low"] = Math.Round(figure.Low, 4), ["high"] = Math.Round(figure.High, 4) } : null;

    private static string Name(RoomSplit split) => string.Create(CultureInfo.InvariantCulture, $"room-{split.Person}");

    private static void Tell(string strategy, ulong seed, int round, int rounds, double loss)
    {
        if (round % 10 == 0 || round == rounds) Output.Note(string.Create(CultureInfo.InvariantCulture, $"{strategy}, seed {seed}: round {round} of {rounds}, loss {loss:F5}"));
    }

    private static void Print(JsonObject answer)
    {
        var table = new Table().AddColumns("", "rooms", "frames: falls beside daily life", "beside what came before", "clips", "average precision", "F1 at the threshold");
        foreach (var (strategy, graded) in answer["strategies"]!.AsObject())
            foreach (var (room, figures) in graded!["by_room"]!.AsObject().Prepend(KeyValuePair.Create("pooled", graded["pooled"])))
                table.AddRow(
                    room == "pooled" ? strategy : "", room, Text(figures!["frame_auroc"]), Text(figures["frame_auroc_before_fall"]), Text(figures["clip_auroc"]), Text(figures["average_precision"]), Text(figures["f1_at_threshold"]));
        Output.Data.Write(table);

        static string Text(JsonNode? figure) => figure is null ? "-" : string.Create(CultureInfo.InvariantCulture, $"{(double)figure["mean"]!:F2} ({(double)figure["low"]!:F2}-{(double)figure["high"]!:F2})");
    }
}
