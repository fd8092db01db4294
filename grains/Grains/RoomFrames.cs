using CitySafeSense.Contracts;
using CitySafeSense.Learning;
using CitySafeSense.Sensing.Rooms;

namespace CitySafeSense.Grains;

/// <summary>The frames a room learns from, in memory, and how frames are scored. The oldest go first.</summary>
internal sealed class RoomFrames(int most)
{
    private readonly Queue<ImmutableArray<byte>> kept = new();

    public int Count => kept.Count;

    /// <exception cref="ArgumentException">The model is not of images, or the frame not of its size.</exception>
    public static void Require(ImmutableArray<byte> frame, ModelSpec spec)
    {
        if (spec.Channels != Picture.Colours || spec.Input != LearningInput.Frames) throw new ArgumentException($"{spec.Kind} is no model of images");
        if (frame.Length != spec.Height * spec.Samples * Picture.Colours) throw new ArgumentException($"a frame for {spec.Kind} is {spec.Samples} x {spec.Height} x 3 bytes, not {frame.Length}");
    }

    public void Keep(IEnumerable<ImmutableArray<byte>> frames)
    {
        foreach (var frame in frames) kept.Enqueue(frame);
        while (kept.Count > most) kept.Dequeue();
    }

    public Examples Examples(ModelRuntime runtime) => Of([.. kept], Kind(runtime));

    /// <summary>Frames in a row, each beside the one before.</summary>
    public static ReconstructionScore[] Scores(ModelRuntime runtime, float[] weights, ImmutableArray<ImmutableArray<byte>> frames) => runtime.With(workspace =>
    {
        var (examples, scores, shape) = (Of([.. frames], Kind(runtime)), new ReconstructionScore[frames.Length], ((Network)runtime.Model).Nodes[0].Shape);
        var (before, wrong) = (Array.Empty<float>(), new float[shape.Length]);
        runtime.Model.Infer(weights, examples, workspace, (row, output) =>
        {
            scores[row] = ReconstructionScore.Of(examples.Input(row), output, shape, before, wrong);
            before = [.. wrong];
        });
        return scores;
    });

    /// <summary>What the frames it learned from say of this model.</summary>
    public NormalThreshold Threshold(ModelRuntime runtime, float[] weights)
    {
        var threshold = ScoreWatch.Learning();
        foreach (var score in Scores(runtime, weights, [.. kept])) threshold.Add(score.Mean);
        return threshold;
    }

    /// <summary>Over the frames it learns from; not a number without any.</summary>
    public double MeanScore(ModelRuntime runtime, float[] weights) => Count == 0 ? double.NaN : Scores(runtime, weights, [.. kept]).Average(s => s.Mean);

    private static Autoencoder Kind(ModelRuntime runtime) => Autoencoders.Named(((Network)runtime.Model).Name);

    private static Examples Of(ImmutableArray<byte>[] frames, Autoencoder kind)
    {
        var length = frames.Length == 0 ? 0 : frames[0].Length;
        var size = (int)Math.Sqrt(length / Picture.Colours);
        return new Examples(Picture.Inputs([.. frames.Select(f => new Picture(size, size, [.. f]))], kind.IsStandardised), new int[frames.Length], length);
    }
}
