using CitySafeSense.Numerics;

namespace CitySafeSense.Hotspots;

/// <summary>Counts spread over the cells around by a Gaussian of their steps: what is likely where, if what happened might as well have happened nearby.</summary>
public static class KernelDensity
{
    /// <param name="zones">To a radius of three bandwidths, or what there is of it.</param>
    /// <param name="counts">Of each cell.</param>
    /// <param name="bandwidth">Standard deviation, in steps; 0 spreads nothing.</param>
    /// <param name="withItself">Whether a cell's own count is among those that make its value.</param>
    /// <returns>Weighted means; what lies outside of the area counts neither way, so its edge is no valley.</returns>
    public static double[] Of(ScanZones zones, ReadOnlySpan<double> counts, double bandwidth, bool withItself = true)
    {
        if (bandwidth <= 0) return withItself ? counts.ToArray() : new double[counts.Length];
        var density = new double[counts.Length];
        for (var cell = 0; cell < density.Length; cell++)
        {
            var (sum, weights) = (0.0, 0.0);
            for (var radius = withItself ? 0 : 1; radius <= zones.RadiusMax; radius++)
            {
                var weight = Elementary.Exp(-0.5 * radius * radius / (bandwidth * bandwidth));
                foreach (var near in zones.Ring(cell, radius)) (sum, weights) = (sum + weight * counts[near], weights + weight);
            }
            density[cell] = weights > 0 ? sum / weights : 0;
        }
        return density;
    }
}
