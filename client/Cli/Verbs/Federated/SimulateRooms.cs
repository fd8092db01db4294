using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using CitySafeSense.Cli.Charts;
using CitySafeSense.Cli.Models;
using CitySafeSense.Cli.Terminal;
using CitySafeSense.InProcess;
using CitySafeSense.Learning;
using CitySafeSense.Sensing.Rooms;

namespace CitySafeSense.Cli.Verbs.Federated;

/// <summary>`simulate rooms`: rooms learn ordinary life together from recordings, and are asked about falls they have never seen.</summary>
internal static class SimulateRooms
{
    private const string Background = "background-difference", Alone = "local";

    private static readonly IReadOnlyDictionary<string, Func<ReconstructionScore, double>> scores = new Dictionary<string, Func<ReconstructionScore, double>>
    {
        ["mean"] = s => s.Mean,
        ["worst-patch"] = s => s.WorstPatch,
        ["worst-sixteenth"] = s => s.WorstSixteenth,
        ["dissimilarity"] = s => s.Dissimilarity,
        ["change"] = s => s.Change,
    };

    public static Command Command()
    {
        var data = new Option<string>("--data") { Description = RoomData.Description, Required = true };
        var clients = new Option<int>("--clients") { Description = "Rooms; where the data has fewer it says so and goes on with those.", DefaultValueFactory = _ => 5 };
        var strategies = new Option<string>("--strategy") { Description = $"Comma-separated; {RoomExperiment.Central} has all frames in one place.", DefaultValueFactory = _ => "fedavg,fedala,fedala-channel,scaffold,local,fedavg-ft,central" };
        var model = new Option<string>("--model") { Description = $"{string.Join(", ", Autoencoders.All.Select(a => a.Name))}.", DefaultValueFactory = _ => "bottleneck-autoencoder" };
        var rounds = new Option<int>("--rounds") { Description = "Federated rounds.", DefaultValueFactory = _ => 100 };
        var epochs = new Option<int>("--epochs") { Description = "Local epochs in a round: more let rooms drift apart.", DefaultValueFactory = _ => 1 };
        var rate = new Option<double>("--learning-rate") { Description = "Of Adam.", DefaultValueFactory = _ => 0.003 };
        var seeds = new Option<int>("--seeds") { Description = "Repetitions, each from a seed of its own.", DefaultValueFactory = _ => 5 };
        var score = new Option<string>("--score") { Description = $"By which rooms are judged one by one: {string.Join(", ", scores.Keys)}.", DefaultValueFactory = _ => "mean" };
        var newRoom = new Option<bool>("--new-rooms") { Description = "Also leave each room out of training and ask it as a new one." };
        var few = new Option<int?>("--few") { Description = "Also leave each room in turn only so many frames to learn from, and ask that room." };
        var output = new Option<DirectoryInfo?>("--out") { Description = "Also write what the first strategy learned from the first seed to this folder, for `edge detect --start`." };
        var charts = new Option<DirectoryInfo?>("--charts") { Description = "Also write charts to this folder, as Vega-Lite specifications: scores over time, reconstructions, ROC." };
        var (seed, json) = (Output.SeedOption(), Output.JsonOption());
        var command = new Command("rooms", """
            Rooms train an autoencoder on frames of daily life, each on its own, and learn together by several strategies. Then
            they are asked about held-out clips with and without a fall, beside a baseline that learns nothing. The figures are
            about lying or falling in these rooms; every one has an interval, made by drawing clips anew. Every score is shown, and
            what comes of choosing a room's score by the other rooms.

            Example: citysafe simulate rooms --data rooms.npz --seed 1 --json
            Example: citysafe simulate rooms --data recordings/ --strategy fedala-channel,local --charts charts/
            """) { data, clients, strategies, model, rounds, epochs, rate, seeds, score, newRoom, few, charts, output, seed, json };
        command.SetAction(async (parse, cancellation) =>
        {
            if (!scores.TryGetValue(parse.GetValue(score)!, out var judged)) throw new ArgumentException($"--score {parse.GetValue(score)}: {string.Join(", ", scores.Keys)} are the choices");
            if (parse.GetValue(rounds) is < 1 or > 1000 || parse.GetValue(epochs) is < 1 or > 1000 || parse.GetValue(seeds) is < 1 or > 100 || parse.GetValue(clients) is < 1 or > 1000)
                throw new ArgumentException("--rounds and --epochs must be 1 to 1000, --seeds 1 to 100, --clients 1 to 1000");
            if (parse.GetValue(few) is < 2 or > 10_000) throw new ArgumentException("--few must be 2 to 10000");
            string[] names = [.. parse.GetValue(strategies)!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
            foreach (var name in names.Where(n => n != RoomExperiment.Central)) _ = Federation.Strategy.Named(name);
            var options = new RoomExperimentOptions(Autoencoders.Named(parse.GetValue(model)!), parse.GetValue(rounds), parse.GetValue(epochs), parse.GetValue(rate), parse.GetValue(seed), Environment.ProcessorCount);
            var splits = await RoomData.Read(parse.GetValue(data)!, parse.GetValue(clients), cancellation);
            var started = Stopwatch.GetTimestamp();
            var judgement = new Judgement(Rooms(splits), options, parse.GetValue(seeds), judged);
            foreach (var name in names) await judgement.Add(name);
            if (parse.GetValue(newRoom)) await judgement.AddNewRooms();
            if (parse.GetValue(few) is { } frames) await judgement.AddFew(frames, names);
            if (parse.GetValue(charts) is { } folder) judgement.WriteCharts(folder);
            if (parse.GetValue(output) is { } place) judgement.Save(place, Path.GetFileName(parse.GetValue(data)!));
            var answer = RoomsAnswer.Of(splits, options, parse.GetValue(seeds), parse.GetValue(score)!, judgement.Graded, judgement.NewRooms, judgement.Few);
            answer["seconds"] = Math.Round(Stopwatch.GetElapsedTime(started).TotalSeconds, 1);
            if (parse.GetValue(json)) Output.Json(answer);
            else RoomsAnswer.Print(answer);
            return Run.Done;
        });
        return command;
    }

    public static ExperimentRoom[] Rooms(IReadOnlyList<RoomSplit> splits) => [.. splits.Select(s => new ExperimentRoom(s.Room, [.. s.Training.SelectMany(c => c.Frames)], s.HeldOut))];

    /// <summary>Strategy after strategy, and what each comes to.</summary>
    private sealed class Judgement
    {
        private readonly ExperimentRoom[] rooms;
        private readonly RoomExperimentOptions options;
        private readonly int seeds;
        private readonly Func<ReconstructionScore, double> score;
        private readonly List<(string Strategy, IReadOnlyList<IReadOnlyList<JudgedClip>> Seeds)> judged = [];
        private RoomRun? firstRun;

        private RoomRun First => firstRun ?? throw new ArgumentException("--strategy: at least one is needed for charts and a model");

        public Judgement(ExperimentRoom[] rooms, RoomExperimentOptions options, int seeds, Func<ReconstructionScore, double> score)
        {
            (this.rooms, this.options, this.seeds, this.score) = (rooms, options, seeds, score);
            IReadOnlyList<JudgedClip> baseline = [.. rooms.SelectMany(r => r.HeldOut.Select(c => new JudgedClip(c, BackgroundDifference.Of(c.Frames))))];
            judged.Add((Background, [baseline]));
            Graded[Background] = RoomsAnswer.Describe([baseline], false, rooms, options.Seed);
        }

        public JsonObject Graded { get; } = [];
        public JsonObject? NewRooms { get; private set; }
        public JsonObject? Few { get; private set; }

        public async Task Add(string strategy)
        {
            var runs = await Repeat(strategy, async seed =>
            {
                var run = await RoomExperiment.Run(rooms, strategy, options with { Seed = seed }, progress: (round, loss) => Tell(strategy, seed, round, loss));
                firstRun ??= run;
                return run.Rooms;
            });
            judged.Add((strategy, Judged(runs, score)));
            Graded[strategy] = RoomsAnswer.Describe(judged[^1].Seeds, true, rooms, options.Seed);
            Graded[strategy]!["pooled"]!["lead_over_background"] = RoomsAnswer.Figure(RoomGrade.Lead(judged[^1].Seeds, judged[0].Seeds, options.Seed));
            Graded[strategy]!["pooled_by_score"] = RoomsAnswer.ByScore(scores.ToDictionary(s => s.Key, s => Judged(runs, s.Value)), options.Seed);
        }

        /// <summary>Each room as one that the others have learned without.</summary>
        public async Task AddNewRooms()
        {
            var runs = await Repeat("new rooms", seed => OneByOne(room => RoomExperiment.Run(rooms, "fedavg", options with { Seed = seed }, [room.Name])));
            NewRooms = RoomsAnswer.Describe(Judged(runs, score), true, rooms, options.Seed);
        }

        /// <summary>Each room as one that has only a few frames, the first of its own.</summary>
        public async Task AddFew(int frames, IEnumerable<string> strategies)
        {
            Few = new JsonObject { ["frames"] = frames };
            var few = new Dictionary<string, IReadOnlyList<IReadOnlyList<JudgedClip>>>();
            foreach (var strategy in strategies)
            {
                var runs = await Repeat($"{strategy} with {frames} frames", seed => OneByOne(
                    room => RoomExperiment.Run([.. rooms.Select(r => r == room ? r with { Training = [.. r.Training.Take(frames)] } : r)], strategy, options with { Seed = seed })));
                few[strategy] = Judged(runs, score);
                Few[strategy] = RoomsAnswer.Describe(few[strategy], true, rooms, options.Seed);
            }
            if (!few.TryGetValue(Alone, out var alone)) return;
            foreach (var (strategy, seeds) in few.Where(f => f.Key != Alone)) Few[strategy]!["pooled"]!["lead_over_local"] = RoomsAnswer.Figure(RoomGrade.Lead(seeds, alone, options.Seed));
        }

        private async Task<IReadOnlyList<ScoredRoom>> OneByOne(Func<ExperimentRoom, Task<RoomRun>> run)
        {
            var asked = new List<ScoredRoom>();
            foreach (var room in rooms) asked.Add((await run(room)).Rooms.Single(r => r.Name == room.Name));
            return asked;
        }

        public void Save(DirectoryInfo folder, string source) => new RoomModel(options.Kind, First.Global).Save(folder, source);

        public void WriteCharts(DirectoryInfo folder)
        {
            var (strategy, seeds) = judged[1];
            VegaLite.Write(folder, "scores", RoomCharts.Scores(strategy, seeds[0]));
            VegaLite.Write(folder, "roc", RoomCharts.Roc([.. judged.Select(j => (j.Strategy, j.Seeds[0]))]));
            VegaLite.Write(folder, "reconstructions", RoomCharts.Reconstructions(options.Kind, First.Global.Values.ToArray(), seeds[0]));
            Output.Note($"three charts are in {folder.FullName}");
        }

        private static IReadOnlyList<IReadOnlyList<JudgedClip>> Judged(IReadOnlyList<IReadOnlyList<ScoredRoom>> runs, Func<ReconstructionScore, double> score) =>
            [.. runs.Select(run => (IReadOnlyList<JudgedClip>)[.. run.SelectMany(room => JudgedClip.Of(room.Training.Select(score), room.HeldOut.Select(c => (c.Clip, c.Scores.Select(score)))))])];

        private async Task<IReadOnlyList<IReadOnlyList<ScoredRoom>>> Repeat(string what, Func<ulong, Task<IReadOnlyList<ScoredRoom>>> run)
        {
            var runs = new List<IReadOnlyList<ScoredRoom>>();
            for (var s = 0; s < seeds; s++)
            {
                runs.Add(await run(options.Seed + (ulong)s));
                Output.Note($"{what}: seed {options.Seed + (ulong)s} is done, {s + 1} of {seeds}");
            }
            return runs;
        }

        private void Tell(string strategy, ulong seed, int round, double loss)
        {
            if (round % 50 == 0 || round == options.Rounds) Output.Note(string.Create(CultureInfo.InvariantCulture, $"{strategy}, seed {seed}: round {round} of {options.Rounds}, loss {loss:F5}"));
        }
    }
}
