using CitySafeSense.Numerics;

namespace CitySafeSense.Science.Hotspots;

internal static class Draws
{
    /// <summary>By Knuth's product of uniform numbers.</summary>
    public static int Poisson(double mean, Rng rng)
    {
        var (count, product, limit) = (0, rng.NextDouble(), Math.Exp(-mean));
        for (; product > limit; count++) product *= rng.NextDouble();
        return count;
    }
}
