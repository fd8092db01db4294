using CitySafeSense.Learning;
using CitySafeSense.Numerics;

namespace CitySafeSense.Federation;

/// <summary>What a client keeps of its blend between rounds.</summary>
/// <param name="Coefficients">Element-wise, for the top tensors: how much of global minus local is taken. Empty before the first use.</param>
public sealed record BlendMemory(float[] Coefficients, bool Converged)
{
    public static BlendMemory None { get; } = new([], false);
}

/// <summary>How the element-wise blend learns; the defaults are the paper's.</summary>
public sealed record AdaptiveLocalAggregationOptions
{
    public double Rate { get; init; } = 1;

    /// <summary>Share of the client's examples that the coefficients are learned on, %.</summary>
    public double SamplePercent { get; init; } = 80;

    /// <summary>Parameter tensors on top that are blended; 0 = all. A layer's weight and bias are two.</summary>
    public int TopTensors { get; init; } = 2;

    public double LossDeviationMax { get; init; } = 0.1;
    public int LossWindow { get; init; } = 10;

    /// <summary>The authors' code has no bound on the first fit; ours stops here.</summary>
    public int FirstFitEpochsMax { get; init; } = 100;
}

/// <summary>
/// Adaptive local aggregation, element-wise (Zhang et al., FedALA, AAAI 2023): before local training a client starts from
/// local + (global - local) * W in its top tensors and from global below; W is learned on its own data and persists.
/// </summary>
public static class AdaptiveLocalAggregation
{
    /// <summary>The weights to start from, and what to remember.</summary>
    /// <remarks>In the first round global and local are one; there is nothing to blend and nothing is learned.</remarks>
    public static (float[] Weights, BlendMemory Memory) Blend(
        IModel model, ReadOnlySpan<float> global, ReadOnlySpan<float> local, BlendMemory memory, Examples examples,
        AdaptiveLocalAggregationOptions options, int batchSize, Rng rng, ModelWorkspace workspace)
    {
        var first = model.Layout.Tensors[0];
        if (global.Slice(first.Offset, first.Length).SequenceEqual(local.Slice(first.Offset, first.Length))) return (local.ToArray(), memory);

        var top = model.Layout.OffsetOfTop(options.TopTensors);
        var coefficients = new float[model.Layout.Length - top];
        if (memory.Coefficients.Length == coefficients.Length) memory.Coefficients.CopyTo(coefficients, 0);
        else Array.Fill(coefficients, 1f);

        var blended = global.ToArray();
        var gradient = new float[model.Layout.Length];
        Apply(global[top..], local[top..], coefficients, blended.AsSpan(top));

        var (rows, losses) = (Slice(examples.Count, options.SamplePercent, rng), new List<double>());
        if (rows.Length == 0) return (blended, memory);
        while (losses.Count < options.FirstFitEpochsMax)
        {
            var loss = 0.0;
            for (var start = 0; start < rows.Length; start += batchSize)
            {
                var batch = rows.AsSpan(start, Math.Min(batchSize, rows.Length - start));
                loss = model.LossAndGradient(blended, examples, batch, workspace, gradient);
                for (var i = 0; i < coefficients.Length; i++)
                    coefficients[i] = Math.Clamp(coefficients[i] - (float)options.Rate * gradient[top + i] * (global[top + i] - local[top + i]), 0, 1);
                Apply(global[top..], local[top..], coefficients, blended.AsSpan(top));
            }
            losses.Add(loss);
            if (memory.Converged) break;
            if (losses.Count > options.LossWindow && Deviation(losses, options.LossWindow) < options.LossDeviationMax) break;
        }
        return (blended, new BlendMemory(coefficients, true));
    }

    private static void Apply(ReadOnlySpan<float> global, ReadOnlySpan<float> local, ReadOnlySpan<float> coefficients, Span<float> blended)
    {
        for (var i = 0; i < blended.Length; i++) blended[i] = local[i] + (global[i] - local[i]) * coefficients[i];
    }

    /// <summary>A contiguous stretch at a random place, unshuffled, as in the authors' code.</summary>
    private static int[] Slice(int count, double percent, Rng rng)
    {
        var length = (int)(percent / 100 * count);
        return [.. Enumerable.Range(rng.NextInt(count - length + 1), length)];
    }

    /// <summary>Population standard deviation of the last losses.</summary>
    private static double Deviation(List<double> losses, int last)
    {
        var window = losses.TakeLast(last).ToArray();
        var mean = window.Average();
        return Math.Sqrt(window.Average(l => (l - mean) * (l - mean)));
    }
}
