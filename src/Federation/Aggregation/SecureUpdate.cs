using CitySafeSense.Privacy;

namespace CitySafeSense.Federation;

/// <summary>What a secure sum of clients' updates came to.</summary>
/// <param name="WeightedDelta">The sum of weight * delta.</param>
public sealed record SecureTotal(double[] WeightedDelta, long Weight, double WeightedLoss, int Updates);

/// <summary>
/// A client's update as the vector that goes under masks: [weight * delta, weight, weight * loss]. The client clips it, since
/// nobody else will see it; what the server can check is the length of the sum.
/// </summary>
public static class SecureUpdate
{
    /// <summary>Training samples; more count as that many.</summary>
    public const int WeightMax = 4096;

    private const double LossMax = 100;

    public static int Length(int updateLength) => updateLength + 2;

    /// <summary>Wide enough for so many participants at the bound.</summary>
    public static MaskedFormat Format(double normMax, int participants) => MaskedFormat.For(WeightMax * Math.Max(normMax, LossMax), participants);

    /// <param name="countsOnce">Whether the round is private: everybody counts 1, and the loss stays at home.</param>
    /// <exception cref="ArgumentException">The update has a value that is not finite, or no samples.</exception>
    public static float[] Of(ReadOnlySpan<float> delta, int samples, double loss, double normMax, bool countsOnce)
    {
        var clipped = ClippedUpdate.Clip(delta, samples, normMax);
        var (weight, vector) = (countsOnce ? 1 : Math.Min(clipped.Weight, WeightMax), new float[Length(delta.Length)]);
        for (var i = 0; i < delta.Length; i++) vector[i] = weight * clipped.Delta[i];
        vector[^2] = weight;
        vector[^1] = countsOnce || !double.IsFinite(loss) ? 0 : (float)(weight * Math.Clamp(loss, -LossMax, LossMax));
        return vector;
    }

    /// <summary>Reads the sum of so many.</summary>
    /// <param name="countsOnce">Whether everybody weighs 1.</param>
    /// <exception cref="FormatException">It cannot be: somebody among them did not clip, or gave itself a weight that nobody has.</exception>
    public static SecureTotal Total(ReadOnlySpan<double> sum, int participants, MaskedFormat format, double normMax, bool countsOnce)
    {
        var weight = sum[^2];
        if (weight != Math.Round(weight) || weight < participants || weight > (double)participants * (countsOnce ? 1 : WeightMax)) throw new FormatException($"{participants} updates with a weight of {weight} together");
        var delta = sum[..^2].ToArray();
        var norm = Math.Sqrt(delta.Sum(d => d * d));
        var rounding = participants * Math.Sqrt(delta.Length) * Math.ScaleB(1, -format.FractionBits);
        if (norm > weight * normMax * (1 + 1e-6) + rounding) throw new FormatException($"the mean of {participants} updates is {norm / weight:F3} long, longer than any of them may be ({normMax})");
        return new(delta, (long)weight, sum[^1], participants);
    }
}
