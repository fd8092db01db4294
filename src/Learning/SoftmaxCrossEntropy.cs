namespace CitySafeSense.Learning;

/// <summary>The usual loss of a classifier, forward beside backward.</summary>
public static class SoftmaxCrossEntropy
{
    /// <summary>Probabilities from logits [classes], in place, shifted by the maximum so that nothing overflows.</summary>
    public static void Softmax(Span<float> logits)
    {
        var max = float.NegativeInfinity;
        foreach (var logit in logits) max = Math.Max(max, logit);
        var sum = 0f;
        for (var c = 0; c < logits.Length; c++) sum += logits[c] = MathF.Exp(logits[c] - max);
        for (var c = 0; c < logits.Length; c++) logits[c] /= sum;
    }

    /// <summary>The loss of one example; its logits are replaced by d loss / d logits = probability - target.</summary>
    public static double LossAndGradient(Span<float> logits, int label)
    {
        var max = float.NegativeInfinity;
        foreach (var logit in logits) max = Math.Max(max, logit);
        var sum = 0.0;
        foreach (var logit in logits) sum += Math.Exp(logit - max);
        var loss = Math.Log(sum) - (logits[label] - max);
        for (var c = 0; c < logits.Length; c++) logits[c] = (float)(Math.Exp(logits[c] - max) / sum) - (c == label ? 1 : 0);
        return loss;
    }
}
