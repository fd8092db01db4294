namespace CitySafeSense.Numerics;

/// <summary>A share with the interval that holds the true one in 95 % of cases (Wilson 1927): sound for few trials and for shares near 0 and 1.</summary>
public readonly record struct WilsonInterval(double Share, double Low, double High)
{
    private const double Z = 1.959963984540054;

    public static WilsonInterval Of(long successes, long trials)
    {
        if (trials == 0) return new(0, 0, 1);
        double n = trials, share = successes / n;
        var centre = (share + Z * Z / (2 * n)) / (1 + Z * Z / n);
        var half = Z / (1 + Z * Z / n) * Math.Sqrt(share * (1 - share) / n + Z * Z / (4 * n * n));
        return new(share, Math.Max(0, centre - half), Math.Min(1, centre + half));
    }
}
