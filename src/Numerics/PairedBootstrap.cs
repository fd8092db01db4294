namespace CitySafeSense.Numerics;

/// <summary>A mean difference and the interval that holds 95 % of its bootstrap means.</summary>
public readonly record struct MeanDifference(double Mean, double Low, double High);

/// <summary>The percentile bootstrap over paired units (Efron and Tibshirani 1993, section 13.3): units are drawn with replacement, each with both of its values.</summary>
public static class PairedBootstrap
{
    /// <param name="differences">One for each unit, such as a person.</param>
    /// <exception cref="ArgumentException">There is no unit.</exception>
    public static MeanDifference Of(ReadOnlySpan<double> differences, Rng rng, int resamples = 10_000)
    {
        if (differences.IsEmpty) throw new ArgumentException("a mean difference needs at least one unit");
        var means = new double[resamples];
        for (var r = 0; r < resamples; r++)
        {
            var sum = 0.0;
            for (var i = 0; i < differences.Length; i++) sum += differences[rng.NextInt(differences.Length)];
            means[r] = sum / differences.Length;
        }
        Array.Sort(means);
        var mean = 0.0;
        foreach (var difference in differences) mean += difference / differences.Length;
        return new(mean, means[(int)(0.025 * resamples)], means[(int)(0.975 * resamples)]);
    }
}
