using CitySafeSense.Numerics;

namespace CitySafeSense.Learning;

/// <summary>What logits mean: probabilities, and the loss of one example with its gradient beside it.</summary>
public static class Softmax
{
    /// <summary>Probabilities from logits [classes], in place, shifted by the maximum so that nothing overflows.</summary>
    public static void Apply(Span<float> logits)
    {
        var max = Maximum(logits);
        var sum = 0f;
        for (var c = 0; c < logits.Length; c++) sum += logits[c] = Elementary.ExpSingle(logits[c] - max);
        for (var c = 0; c < logits.Length; c++) logits[c] /= sum;
    }

    /// <summary>The cross-entropy of one example.</summary>
    public static double CrossEntropy(ReadOnlySpan<float> logits, int label)
    {
        var max = Maximum(logits);
        var sum = 0.0;
        foreach (var logit in logits) sum += Elementary.ExpSingle(logit - max);
        return Elementary.Log(sum) - (logits[label] - max);
    }

    /// <summary>The cross-entropy of one example, and d loss / d logits = probability - target, [classes].</summary>
    public static double CrossEntropy(ReadOnlySpan<float> logits, int label, Span<float> gradient)
    {
        var max = Maximum(logits);
        var sum = 0.0;
        for (var c = 0; c < logits.Length; c++) sum += gradient[c] = Elementary.ExpSingle(logits[c] - max);
        for (var c = 0; c < logits.Length; c++) gradient[c] = (float)(gradient[c] / sum) - (c == label ? 1 : 0);
        return Elementary.Log(sum) - (logits[label] - max);
    }

    private static float Maximum(ReadOnlySpan<float> logits)
    {
        var max = float.NegativeInfinity;
        for (var c = 0; c < logits.Length; c++)
        {
            if (!float.IsFinite(logits[c])) throw new ArgumentException($"logit {c} is {logits[c]}: training diverged (lower the learning rate) or the weights do not belong to this model");
            max = Math.Max(max, logits[c]);
        }
        return max;
    }
}
