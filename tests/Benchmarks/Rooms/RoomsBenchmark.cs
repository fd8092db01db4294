using System.Diagnostics;
using System.Text.Json.Nodes;
using CitySafeSense.InProcess;
using CitySafeSense.Learning;
using CitySafeSense.Numerics;
using CitySafeSense.Sensing.Rooms;

namespace CitySafeSense.Benchmarks.Rooms;

/// <summary>What rooms cost: a frame scored on one thread, and a round of two hundred rooms in one process.</summary>
internal sealed class RoomsBenchmark(int runs)
{
    private const int Frames = 300, Rooms = 200, FramesPerRoom = 40, Size = 64;

    public async Task<JsonObject> Run()
    {
        Console.Error.WriteLine("rooms: frames, then two hundred rooms");
        var rounds = new List<double>();
        for (var run = 0; run < runs; run++) rounds.Add(await RoundSeconds());
        double Scored(string model) => Enumerable.Range(0, runs).Select(_ => FramesPerSecond(Autoencoders.Named(model))).Order().ElementAt(runs / 2);
        rounds.Sort();
        return new JsonObject
        {
            ["machine"] = new JsonObject { ["cores"] = Environment.ProcessorCount, ["runtime"] = Environment.Version.ToString(), ["runs"] = runs },
            ["rows"] = new JsonArray(
                Rows.Row("frames scored, simple autoencoder, 128 x 72 made 64 x 64", Scored("simple-autoencoder"), "1/second", 200, "higher"),
                Rows.Row("frames scored, bottleneck autoencoder", Scored("bottleneck-autoencoder"), "1/second", 200, "higher"),
                Rows.Row("a model's scratch memory for it", ScratchBytes() / 1e6, "megabytes", null, "lower"),
                Rows.Row("200 rooms, 40 frames each: a round of one epoch", rounds[runs / 2], "seconds", null, "lower"),
                Rows.Row("memory of the process after it", Environment.WorkingSet / 1e6, "megabytes", null, "lower")),
        };
    }

    /// <summary>All of it: a camera's picture is scaled, repeated by the model, and scored in every way.</summary>
    private static double FramesPerSecond(Autoencoder kind)
    {
        var (network, pictures) = (kind.Build(Size), Enumerable.Range(0, Frames).Select(i => Drawn(i, 128, 72)).ToArray());
        var (weights, workspace, shape) = (network.Initialise(1), network.CreateWorkspace(), network.Nodes[0].Shape);
        var (input, output, before, wrong) = (new float[shape.Length], new float[shape.Length], new float[shape.Length], new float[shape.Length]);
        var began = 0L;
        for (var i = -20; i < Frames; i++) // some to warm up
        {
            if (i == 0) began = Stopwatch.GetTimestamp();
            Picture.Inputs([pictures[Math.Max(0, i)].Scaled(Size)], kind.IsStandardised).CopyTo(input, 0);
            network.Infer(weights, input, workspace, output);
            ReconstructionScore.Of(input, output, shape, before, wrong);
            (before, wrong) = (wrong, before);
        }
        return Frames / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private static double ScratchBytes()
    {
        var network = Autoencoders.Simple(Size);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var (workspace, output) = (network.CreateWorkspace(), new float[network.Outputs]);
        network.Infer(network.Initialise(1), new float[network.InputLength], workspace, output);
        var bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
        GC.KeepAlive(workspace);
        return bytes;
    }

    /// <summary>The second of two: the first also makes everybody's scratch memory.</summary>
    private static async Task<double> RoundSeconds()
    {
        ExperimentRoom[] rooms = [.. Enumerable.Range(0, Rooms).Select(r => new ExperimentRoom($"room-{r:D3}", [.. Enumerable.Range(0, FramesPerRoom).Select(f => Drawn(1000 * r + f, Size, Size))], []))];
        var ends = new List<long>();
        await RoomExperiment.Run(rooms, "fedavg", new RoomExperimentOptions(Autoencoders.Named("simple-autoencoder"), 2, 1, 0.003, 1, Environment.ProcessorCount), progress: (_, _) => ends.Add(Stopwatch.GetTimestamp()));
        return Stopwatch.GetElapsedTime(ends[0], ends[1]).TotalSeconds;
    }

    private static Picture Drawn(int seed, int width, int height)
    {
        var rng = new Rng((ulong)seed);
        return new(width, height, [.. Enumerable.Range(0, width * height * Picture.Colours).Select(_ => (byte)rng.NextInt(256))]);
    }
}
