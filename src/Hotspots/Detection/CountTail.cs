using CitySafeSense.Numerics;

namespace CitySafeSense.Hotspots;

/// <summary>How far out of the ordinary a count is, as the z of a normal value that is as rare.</summary>
public static class CountTail
{
    private const int TermsMax = 10_000;

    /// <summary>
    /// Of so many or more, where the count is negative binomial with this mean and a variance of dispersion times that; a dispersion
    /// of 1 is Poisson. Where it is nothing special the normal approximation stands: only rare counts need their own tail.
    /// </summary>
    /// <param name="special">From which z on the tail is summed.</param>
    public static double Z(double count, double mean, double dispersion, double special = 3)
    {
        if (mean <= 0) return 0;
        var rough = (count - mean) / Math.Sqrt(mean * Math.Max(1, dispersion));
        return rough < special ? rough : NormalDistribution.UpperQuantile(Math.Max(1e-300, AtLeast(Math.Ceiling(count), mean, dispersion)));
    }

    /// <summary>P(X is at least count).</summary>
    public static double AtLeast(double count, double mean, double dispersion)
    {
        if (count <= 0) return 1;
        var excess = dispersion - 1;
        // r failures and success probability 1 / dispersion; in the limit of no excess it is Poisson.
        var (r, q) = excess > 1e-6 ? (mean / excess, excess / dispersion) : (0, 0);
        var term = Math.Exp(excess > 1e-6
            ? LogGamma.Of(count + r) - LogGamma.Of(r) - LogGamma.Of(count + 1) - r * Math.Log(dispersion) + count * Math.Log(q)
            : count * Math.Log(mean) - mean - LogGamma.Of(count + 1));
        var sum = term;
        for (var (k, n) = (count, 0); n < TermsMax && term > sum * 1e-12; k++, n++) sum += term *= excess > 1e-6 ? (k + r) / (k + 1) * q : mean / (k + 1);
        return Math.Min(1, sum);
    }
}
