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

    /// <summary>How far out of the ordinary so few or fewer are: positive, the z of a normal value that is as rare.</summary>
    public static double Few(double count, double mean, double dispersion) =>
        mean <= count ? 0 : Math.Max(0, NormalDistribution.UpperQuantile(Math.Clamp(AtMost(Math.Floor(count), mean, dispersion), 1e-300, 0.5)));

    /// <summary>P(X is at most count): summed downwards from there, so that rare is not lost in a difference from one.</summary>
    public static double AtMost(double count, double mean, double dispersion)
    {
        if (count < 0) return 0;
        var excess = dispersion - 1;
        var isPoisson = excess <= 1e-6;
        var (r, q) = isPoisson ? (0, 0) : (mean / excess, excess / dispersion);
        var term = Elementary.Exp(LogTerm(count, mean, dispersion));
        var sum = term;
        for (var k = count; k > 0 && term > sum * 1e-12; k--) sum += term *= isPoisson ? k / mean : k / ((k - 1 + r) * q);
        return Math.Min(1, sum);
    }

    /// <summary>P(X is at least count).</summary>
    public static double AtLeast(double count, double mean, double dispersion)
    {
        if (count <= 0) return 1;
        var excess = dispersion - 1;
        // r failures and success probability 1 / dispersion; in the limit of no excess it is Poisson.
        var (r, q) = excess > 1e-6 ? (mean / excess, excess / dispersion) : (0, 0);
        var term = Elementary.Exp(LogTerm(count, mean, dispersion));
        var sum = term;
        for (var (k, n) = (count, 0); n < TermsMax && term > sum * 1e-12; k++, n++) sum += term *= excess > 1e-6 ? (k + r) / (k + 1) * q : mean / (k + 1);
        return Math.Min(1, sum);
    }

    /// <summary>Logarithm of P(X is count).</summary>
    private static double LogTerm(double count, double mean, double dispersion)
    {
        var excess = dispersion - 1;
        if (excess <= 1e-6) return count * Elementary.Log(mean) - mean - LogGamma.Of(count + 1);
        var r = mean / excess;
        return LogGamma.Of(count + r) - LogGamma.Of(r) - LogGamma.Of(count + 1) - r * Elementary.Log(dispersion) + count * Elementary.Log(excess / dispersion);
    }
}
