using CitySafeSense.Federation;
using CitySafeSense.Learning;
using CitySafeSense.Numerics;
using CitySafeSense.Sensing;
using CitySafeSense.Sensing.Rooms;

namespace CitySafeSense.Edge;

/// <summary>What a room's frame was taken for.</summary>
public enum RoomState
{
    /// <summary>The room is being learned.</summary>
    Learning,
    Ordinary,
    OutOfTheOrdinary,

    /// <summary>It is too dark to see anything: a covered lens, or the night.</summary>
    Dark,
}

/// <param name="Score">Mean squared difference over the last second of frames; nothing while it learns or is dark.</param>
/// <param name="Event">Where something out of the ordinary begins: what the city is told, were it to be told.</param>
public sealed record RoomVerdict(RoomState State, double? Score, double? Threshold, RoomEvent? Event = null);

/// <param name="Probability">That an ordinary frame of this room would have scored less.</param>
public sealed record RoomEvent(double Probability)
{
    /// <summary>As devices tell it.</summary>
    public DeviceEvent Of(string device, DateTimeOffset at) => new(device, at.ToUnixTimeMilliseconds(), ActivityClass.UnusualScene, (float)Probability, default, null);
}

/// <summary>How a room is learned where it is.</summary>
public sealed record RoomDetectorOptions
{
    public string Model { get; init; } = "bottleneck-autoencoder";

    /// <summary>What other rooms have learned together: where this one begins. It begins from nothing where left out.</summary>
    public ParameterVector? Start { get; init; }

    /// <summary>Frames of ordinary life from which it learns before it judges.</summary>
    public int LearnFrames { get; init; } = 150;

    public int Epochs { get; init; } = 40;

    /// <summary>A fixed threshold; learned where left out.</summary>
    public double? Threshold { get; init; }

    public ulong Seed { get; init; } = 1;

    /// <exception cref="ArgumentException">Names the setting and the range allowed.</exception>
    public void Validate()
    {
        var kind = Autoencoders.Named(Model);
        if (Start is { } start && start.Length != kind.Build(kind.Size).Layout.Length) throw new ArgumentException($"{start.Length} weights are not those of {Model}");
        if (LearnFrames is < 10 or > 10_000) throw new ArgumentException("frames to learn from must be 10 to 10000");
        if (Epochs is < 1 or > 1000) throw new ArgumentException("epochs must be 1 to 1000");
        if (Threshold is { } fixedOne && fixedOne is not (> 0 and <= 100)) throw new ArgumentException("a threshold must be above 0 and at most 100");
    }
}

/// <summary>
/// Learns what a room usually looks like from its first frames, on the device and for the device: most of them teach an autoencoder, the last of
/// them, which it has not seen, teach the threshold. Then it judges. No frame leaves its memory.
/// </summary>
public sealed class RoomDetector
{
    private const double TrainingShare = 0.7, DarkBelow = 6;
    private readonly RoomDetectorOptions options;
    private readonly Autoencoder kind;
    private readonly Network network;
    private readonly ModelWorkspace workspace;
    private readonly ScoreWatch watch = new();
    private readonly List<float[]> learning = [];
    private readonly float[] output, wrong;
    private float[]? weights;

    public RoomDetector(RoomDetectorOptions options)
    {
        options.Validate();
        (this.options, kind) = (options, Autoencoders.Named(options.Model));
        network = kind.Build(kind.Size);
        (workspace, output, wrong) = (network.CreateWorkspace(), new float[network.Outputs], new float[network.Outputs]);
    }

    /// <summary>Pixels of a side that it wants to see; other pictures are scaled.</summary>
    public int Size => kind.Size;

    public RoomVerdict See(Picture frame)
    {
        if (Brightness(frame) < DarkBelow) return new(RoomState.Dark, null, null);
        var input = Picture.Inputs([frame.Scaled(kind.Size)], kind.IsStandardised);
        if (weights is null)
        {
            learning.Add(input);
            if (learning.Count >= options.LearnFrames) Learn();
            return new(RoomState.Learning, null, null);
        }
        var seen = watch.Next(Score(input), options.Threshold);
        return new(seen.IsAbove ? RoomState.OutOfTheOrdinary : RoomState.Ordinary, seen.Score, seen.Threshold, seen.Begins is { } share ? new RoomEvent(share) : null);
    }

    private void Learn()
    {
        var split = (int)(TrainingShare * learning.Count);
        var examples = new Examples([.. learning.Take(split).SelectMany(f => f)], new int[split], network.InputLength);
        weights = options.Start?.Values.ToArray() ?? network.Initialise(options.Seed);
        var training = new LocalTrainingOptions { Epochs = options.Epochs, BatchSize = 8, Optimiser = LocalOptimiser.Adam, LearningRate = 0.003 };
        LocalTraining.Run(network, weights, examples, training, Rng.For(options.Seed, "room"), workspace);
        foreach (var frame in learning.Skip(split)) watch.Ordinary.Add(Score(frame));
        learning.Clear();
    }

    private double Score(float[] input)
    {
        network.Infer(weights!, input, workspace, output);
        return ReconstructionScore.Of(input, output, network.Nodes[0].Shape, [], wrong).Mean;
    }

    /// <summary>0 to 255.</summary>
    private static double Brightness(Picture frame)
    {
        var sum = 0L;
        foreach (var value in frame.Rgb) sum += value;
        return sum / (double)frame.Rgb.Length;
    }
}
