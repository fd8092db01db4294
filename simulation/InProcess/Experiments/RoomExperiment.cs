using CitySafeSense.Contracts;
using CitySafeSense.Contracts.Ports;
using CitySafeSense.Grains;
using CitySafeSense.Learning;
using CitySafeSense.Sensing.Rooms;
using Microsoft.Extensions.DependencyInjection;

namespace CitySafeSense.InProcess;

/// <summary>A room of an experiment: what it learns from, and clips it is asked about.</summary>
public sealed record ExperimentRoom(string Name, IReadOnlyList<Picture> Training, IReadOnlyList<RoomClip> HeldOut);

/// <summary>What a room's model made of a clip and, apart from it, of the frames it had learned from.</summary>
public sealed record ScoredRoom(string Name, IReadOnlyList<ReconstructionScore> Training, IReadOnlyList<(RoomClip Clip, IReadOnlyList<ReconstructionScore> Scores)> HeldOut);

/// <param name="Global">The weights that all of them made.</param>
public sealed record RoomRun(IReadOnlyList<ScoredRoom> Rooms, ParameterVector Global);

public sealed record RoomExperimentOptions(Autoencoder Kind, int Rounds, int Epochs, double LearningRate, ulong Seed, int Workers);

/// <summary>Rooms learn together, through the very grains that a silo runs; then each is asked what it makes of its clips. Rooms that only are asked are new ones.</summary>
public static class RoomExperiment
{
    private const string Population = "rooms", Pool = "everybody";

    /// <summary>All frames in one place, and one model for all.</summary>
    public const string Central = "central";

    /// <param name="newcomers">Names of rooms that do not train: they answer with the global model.</param>
    public static async Task<RoomRun> Run(
        IReadOnlyList<ExperimentRoom> rooms, string strategy, RoomExperimentOptions options, IReadOnlyCollection<string>? newcomers = null, Action<int, double>? progress = null)
    {
        ExperimentRoom[] learners = [.. rooms.Where(r => newcomers?.Contains(r.Name) != true)];
        if (strategy == Central) learners = [new(Pool, [.. learners.SelectMany(r => r.Training)], [])];
        await using var cluster = new InProcessCluster(new CityOptions { Privacy = PrivacyMode.Simulation, Population = Population }, options.Workers, options.Seed);
        var models = cluster.Grains.GetGrain<IModelGrain>(Population);
        await models.Initialise(new ModelSpec(options.Kind.Name, Picture.Colours, options.Kind.Size, 1, [], [], options.Kind.Size, Input: LearningInput.Frames), options.Seed);
        foreach (var room in learners) await cluster.Grains.GetGrain<IRoomGrain>(room.Name).Learn(Population, Bytes(room.Training, options.Kind.Size));
        var terms = RoundTermsMapping.Default(strategy == Central ? "fedavg" : strategy, learners.Length, options.Seed) with
        {
            OverSelection = 1,
            MinimumFraction = 1,
            Deadline = TimeSpan.FromHours(1),
            Epochs = options.Epochs,
            BatchSize = 8,
            Optimiser = "adam",
            LearningRate = options.LearningRate,
        };
        var rounds = cluster.Grains.GetGrain<IFederatedRoundGrain>(Population);
        for (var round = 1; round <= options.Rounds; round++)
        {
            var number = await rounds.Start(terms);
            RoundStatus status;
            do status = await rounds.Watch(number, Limits.Patience);
            while (status.Ended is null);
            if (status.Phase != nameof(Federation.RoundPhase.Committed)) throw new ExperimentException($"{strategy}, round {round} was abandoned: {status.Outcome}");
            progress?.Invoke(round, status.MeanLoss);
        }
        var current = (await models.Current())!;
        var received = new Invitation(Population, options.Rounds + 1, current, terms);
        var scored = new List<ScoredRoom>();
        foreach (var room in rooms)
        {
            var asked = cluster.Grains.GetGrain<IRoomGrain>(strategy == Central ? Pool : room.Name);
            var judged = strategy == Central || newcomers?.Contains(room.Name) == true ? JudgedModel.Global : JudgedModel.Personal;
            var heldOut = new List<(RoomClip, IReadOnlyList<ReconstructionScore>)>();
            foreach (var clip in room.HeldOut) heldOut.Add((clip, await Scores(clip.Frames)));
            scored.Add(new(room.Name, await Scores(room.Training), heldOut));

            async Task<ReconstructionScore[]> Scores(IEnumerable<Picture> frames) =>
                [.. (await asked.Score(received, judged, Bytes(frames, options.Kind.Size))).Select(s => new ReconstructionScore(s.Mean, s.WorstPatch, s.WorstSixteenth, s.Dissimilarity, s.Change))];
        }
        return new(scored, ParameterVector.FromBytes(await cluster.Services.GetRequiredService<IBlobStore>().Get(current.Hash)));
    }

    private static ImmutableArray<ImmutableArray<byte>> Bytes(IEnumerable<Picture> frames, int size) => [.. frames.Select(f => ImmutableArray.Create(f.Scaled(size).Rgb))];
}
