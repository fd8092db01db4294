namespace CitySafeSense.Numerics;

/// <summary>The standard normal distribution: its tail and the quantile of its tail, accurate far out.</summary>
public static class NormalDistribution
{
    /// <summary>P(Z &gt; z), by the continued fraction of Mills' ratio for large z and a series for small.</summary>
    public static double UpperTail(double z)
    {
        if (z < 0) return 1 - UpperTail(-z);
        var density = Elementary.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI);
        if (z < 3)
        {
            // Abramowitz and Stegun 26.2.11: Phi(z) - 1/2 = density * (z + z^3/3 + z^5/(3*5) + ...)
            double term = z, sum = z;
            for (var n = 3; term > 1e-18 * sum; n += 2)
            {
                term *= z * z / n;
                sum += term;
            }
            return 0.5 - density * sum;
        }
        // Abramowitz and Stegun 26.2.14, from the inside out.
        var fraction = 0.0;
        for (var n = 120; n >= 1; n--) fraction = n / (z + fraction);
        return density / (z + fraction);
    }

    /// <summary>The z with P(Z &gt; z) = tail.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The tail is not between 0 and 1.</exception>
    public static double UpperQuantile(double tail)
    {
        if (tail is not (> 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(tail), tail, "a probability between 0 and 1 is needed");
        if (tail > 0.5) return -UpperQuantile(1 - tail);
        double low = 0, high = 40;
        for (var i = 0; i < 200 && high - low > 1e-14; i++)
        {
            var middle = (low + high) / 2;
            if (UpperTail(middle) > tail) low = middle;
            else high = middle;
        }
        return (low + high) / 2;
    }
}
