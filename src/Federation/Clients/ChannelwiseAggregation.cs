using CitySafeSense.Learning;
using CitySafeSense.Numerics;

namespace CitySafeSense.Federation;

/// <summary>How the channel-wise blend learns.</summary>
public sealed record ChannelwiseAggregationOptions
{
    public double Rate { get; init; } = 0.1;

    /// <summary>Batches of the client's own data the coefficients are learned on; one would leave them near 1, which is plain averaging.</summary>
    public int Batches { get; init; } = 10;
}

/// <summary>
/// Adaptive local aggregation, channel-wise, as in the Raspberry Pi system: alpha global + (1 - alpha) local with one alpha
/// for each output channel of a convolution, each entry of a bias, and one for any other tensor; all 1 anew each round,
/// learned by Adam on the client's own loss, kept within 0 and 1. The channel axis comes from the layout.
/// </summary>
public static class ChannelwiseAggregation
{
    public static float[] Blend(
        IModel model, ReadOnlySpan<float> global, ReadOnlySpan<float> local, Examples examples,
        ChannelwiseAggregationOptions options, int batchSize, Rng rng, ModelWorkspace workspace)
    {
        var groups = Groups(model.Layout);
        var alphas = new float[groups[^1] + 1];
        Array.Fill(alphas, 1f);
        var blended = global.ToArray();
        if (examples.Count == 0) return blended;

        var gradient = new float[model.Layout.Length];
        var alphaGradient = new float[alphas.Length];
        var adam = new Adam(alphas.Length, options.Rate);
        var rows = Enumerable.Range(0, examples.Count).ToArray();
        rng.Shuffle<int>(rows);
        for (var b = 0; b < options.Batches; b++)
        {
            var start = b * batchSize % rows.Length;
            model.LossAndGradient(blended, examples, rows.AsSpan(start, Math.Min(batchSize, rows.Length - start)), workspace, gradient);
            Array.Clear(alphaGradient);
            for (var i = 0; i < gradient.Length; i++) alphaGradient[groups[i]] += gradient[i] * (global[i] - local[i]);
            adam.Step(alphas, alphaGradient);
            for (var a = 0; a < alphas.Length; a++) alphas[a] = Math.Clamp(alphas[a], 0, 1);
            for (var i = 0; i < blended.Length; i++) blended[i] = alphas[groups[i]] * global[i] + (1 - alphas[groups[i]]) * local[i];
        }
        return blended;
    }

    /// <summary>For every parameter, the index of its alpha.</summary>
    public static int[] Groups(ParameterLayout layout)
    {
        var groups = new int[layout.Length];
        var next = 0;
        foreach (var tensor in layout.Tensors)
        {
            var channels = tensor.Shape.Count switch
            {
                1 => tensor.Length,
                2 => 1,
                _ => tensor.Channels,
            };
            for (var i = 0; i < tensor.Length; i++)
                groups[tensor.Offset + i] = next + (tensor.Shape.Count == 1 ? i : channels == 1 ? 0 : tensor.ChannelOf(i));
            next += channels;
        }
        return groups;
    }
}
