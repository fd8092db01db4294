using CitySafeSense.Numerics;

namespace CitySafeSense.Hotspots;

/// <summary>Kulldorff's likelihood ratio of Poisson counts (1997): how much better a higher rate inside explains what was seen.</summary>
public static class ScanLikelihood
{
    /// <summary>c ln(c/E) + (C - c) ln((C - c)/(C - E)) where c is above E, else 0.</summary>
    /// <param name="cases">c, inside.</param>
    /// <param name="expected">E, of them, where there is no difference; all expectations sum to <paramref name="total"/>.</param>
    /// <param name="total">C, inside and outside.</param>
    public static double Ratio(double cases, double expected, double total)
    {
        if (cases <= expected || expected <= 0) return 0;
        var outside = total - cases;
        return cases * Elementary.Log(cases / expected) + (outside > 0 ? outside * Elementary.Log(outside / (total - expected)) : 0);
    }

    /// <summary>
    /// A factor b with which the ratio is at most b (c - E)^2: (1 + x) ln(1 + x) - x is at most x^2 / 2, and (1 - y) ln(1 - y) + y at
    /// most y^2. It costs no logarithm, and tells of nearly all cylinders that they cannot be the most likely.
    /// </summary>
    public static double BoundFactor(double expected, double total) => expected <= 0 || expected >= total ? double.PositiveInfinity : 1 / (2 * expected) + 1 / (total - expected);
}
