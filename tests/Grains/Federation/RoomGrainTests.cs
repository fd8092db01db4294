using CitySafeSense.Contracts;
using CitySafeSense.Grains;
using CitySafeSense.InProcess;
using CitySafeSense.Learning;
using CitySafeSense.Numerics;
using CitySafeSense.Sensing;
using CitySafeSense.Sensing.Rooms;
using Orleans;

namespace CitySafeSense.Tests.Federation;

/// <summary>Rooms that learn what they usually look like, alone and together.</summary>
public class RoomGrainTests
{
    private const int Size = 32;
    private static readonly Autoencoder kind = Autoencoders.Named("micro-bottleneck-autoencoder");
    private static readonly RoomExperimentOptions options = new(kind, Rounds: 8, Epochs: 6, LearningRate: 0.01, Seed: 3, Workers: 2);

    [Fact]
    public async Task What_a_room_has_never_seen_scores_above_what_it_has()
    {
        ExperimentRoom[] rooms = [Room("a", 1), Room("b", 2), Room("c", 3)];
        foreach (var strategy in new[] { "fedavg", "fedala-channel", "local", RoomExperiment.Central })
        {
            var scored = (await RoomExperiment.Run(rooms, strategy, options)).Rooms;
            foreach (var room in scored)
            {
                var (usual, strange) = (room.HeldOut[0].Scores, room.HeldOut[1].Scores);
                Assert.True(strange.Average(s => s.WorstPatch) > 1.5 * usual.Average(s => s.WorstPatch), $"{strategy}, {room.Name}: {strange.Average(s => s.WorstPatch)} beside {usual.Average(s => s.WorstPatch)}");
            }
        }
    }

    [Fact]
    public async Task Experiment_gives_the_same_numbers_on_one_thread_and_on_two()
    {
        ExperimentRoom[] rooms = [Room("a", 1), Room("b", 2)];
        var few = options with { Rounds = 2, Epochs = 1 };
        var (one, two) = (await RoomExperiment.Run(rooms, "fedala", few with { Workers = 1 }), await RoomExperiment.Run(rooms, "fedala", few));
        Assert.Equal(one.Global.ToBytes(), two.Global.ToBytes());
        Assert.Equal(one.Rooms.SelectMany(r => r.HeldOut.SelectMany(c => c.Scores)), two.Rooms.SelectMany(r => r.HeldOut.SelectMany(c => c.Scores)));
    }

    [Fact]
    public async Task Room_looks_learns_its_threshold_and_notices_what_is_out_of_the_ordinary()
    {
        await using var cluster = new InProcessCluster(new CityOptions { Privacy = PrivacyMode.Simulation }, 2, 1);
        var (grain, room) = (cluster.Grains.GetGrain<IRoomGrain>("kitchen"), Room("kitchen", 5));
        Assert.Contains("no model yet", (await Assert.ThrowsAsync<ArgumentException>(() => grain.Learn("rooms", Bytes(room.Training)))).Message);
        await cluster.Grains.GetGrain<IModelGrain>("rooms").Initialise(new ModelSpec(kind.Name, 3, Size, 1, [], [], Size, Input: LearningInput.Frames), 1);
        Assert.Contains("learned nothing yet", (await Assert.ThrowsAsync<ArgumentException>(() => grain.Look(Bytes(room.Training)[0]))).Message);
        Assert.Contains("32 x 32 x 3", (await Assert.ThrowsAsync<ArgumentException>(() => grain.Learn("rooms", [[1, 2, 3]]))).Message);
        Assert.Equal(room.Training.Count, await grain.Learn("rooms", Bytes(room.Training)));
        var rounds = cluster.Grains.GetGrain<IFederatedRoundGrain>("rooms");
        for (var round = 0; round < 8; round++)
        {
            var number = await rounds.Start(RoundTermsMapping.Default("fedavg", 1, 1) with { OverSelection = 1, Epochs = 6, BatchSize = 8, Optimiser = "adam", LearningRate = 0.01 });
            while ((await rounds.Watch(number, Limits.Patience)).Ended is null)
            {
            }
        }
        RoomObservation[] usual = [.. await Look(room.HeldOut[0])], strange = [.. await Look(room.HeldOut[1])];
        Assert.InRange(usual.Count(o => o.IsOutOfTheOrdinary), 0, 1);
        Assert.InRange(strange.Count(o => o.IsOutOfTheOrdinary), strange.Length - 5, strange.Length);
        Assert.All(usual, o => Assert.NotNull(o.Threshold));
        var told = Assert.Single(strange, o => o.Event is not null).Event!; // one stretch, told once
        Assert.Equal((byte)ActivityClass.UnusualScene, told.Activity);
        Assert.InRange(told.Probability, 0.9f, 1f);

        async Task<List<RoomObservation>> Look(RoomClip clip)
        {
            var seen = new List<RoomObservation>();
            foreach (var frame in Bytes(clip.Frames)) seen.Add(await grain.Look(frame));
            return seen;
        }
    }

    /// <summary>A room of its own colours in which something small moves; once something large and bright stands in it.</summary>
    private static ExperimentRoom Room(string name, ulong seed)
    {
        var rng = Rng.For(seed, "room");
        double[] wall = [rng.Uniform(40, 160), rng.Uniform(40, 160), rng.Uniform(40, 160)];
        RoomClip Clip(string clip, int frames, bool isStrange) => new(
            name, clip, [.. Enumerable.Range(0, frames).Select(f => Frame(f, isStrange))], [.. Enumerable.Range(0, frames).Select(f => 0.2f * f)],
            [.. Enumerable.Repeat(isStrange ? FrameKind.Fall : FrameKind.Daily, frames)]);
        return new(name, Clip("train", 60, false).Frames, [Clip("usual", 20, false), Clip("strange", 20, true)]);

        Picture Frame(int at, bool isStrange)
        {
            var rgb = new byte[Size * Size * 3];
            for (var y = 0; y < Size; y++)
                for (var x = 0; x < Size; x++)
                    for (var colour = 0; colour < 3; colour++)
                    {
                        var moves = Math.Abs(x - (at * 3 % Size)) < 3 && Math.Abs(y - 20) < 3;
                        var stands = isStrange && x is > 8 and < 26 && y is > 6 and < 28 && (x + y) % 4 < 2;
                        rgb[(y * Size + x) * 3 + colour] = (byte)Math.Clamp((stands ? 250 : moves ? 120 : wall[colour] * (0.6 + 0.4 * y / Size)) + rng.Uniform(-4, 4), 0, 255);
                    }
            return new Picture(Size, Size, rgb);
        }
    }

    private static ImmutableArray<ImmutableArray<byte>> Bytes(IEnumerable<Picture> frames) => [.. frames.Select(f => ImmutableArray.Create(f.Rgb))];
}
