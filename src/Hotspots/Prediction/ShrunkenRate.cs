using CitySafeSense.Numerics;

namespace CitySafeSense.Hotspots;

/// <summary>
/// The rate of each cell as a compromise between its own past and its surroundings: the posterior mean (own + years m) / (T + years)
/// of a gamma prior around m, the kernel density of the others, that is worth so many years (Clayton and Kaldor 1987). Worth none,
/// it ranks as all past counts do.
/// </summary>
public sealed record ShrunkenRate(double Bandwidth, double PriorYears)
{
    private static readonly double[] bandwidths = [0.7, 1, 2, 4], weights = [0.1, 0.3, 0.6, 1, 2];

    /// <summary>
    /// Fixed by how well each year is told by the others. Counts of their own stand unless surroundings tell more than chance
    /// would: the 95 % interval over cells, of the best of those tried, must lie above nothing.
    /// </summary>
    /// <param name="years">Counts of each cell in each year, two or more.</param>
    /// <param name="share">Of the area that will be named.</param>
    public static ShrunkenRate Fit(ScanZones zones, IReadOnlyList<double[]> years, double share, Rng rng)
    {
        var (best, gains, gain) = (new ShrunkenRate(0, 0), Array.Empty<double>(), 0.0);
        foreach (var bandwidth in bandwidths)
            foreach (var weight in weights)
            {
                var candidate = new ShrunkenRate(bandwidth, weight);
                var of = candidate.Gains(zones, years, share);
                if (of.Average() > gain) (best, gains, gain) = (candidate, of, of.Average());
            }
        return gains.Length > 0 && PairedBootstrap.Of(gains, rng, resamples: 2000).Low > 0 ? best : new ShrunkenRate(0, 0);
    }

    /// <summary>Events a year of each cell.</summary>
    /// <param name="counts">Over <paramref name="years"/> years.</param>
    public double[] Of(ScanZones zones, double[] counts, int years)
    {
        var around = KernelDensity.Of(zones, counts, Bandwidth, withItself: false);
        return [.. counts.Select((own, i) => (own + PriorYears * around[i] / years) / (years + PriorYears))];
    }

    /// <summary>For each cell, how much more of a year's events it adds to what is hit than under counts alone, in shares of all cells, over all years.</summary>
    private double[] Gains(ScanZones zones, IReadOnlyList<double[]> years, double share)
    {
        var gains = new double[zones.Cells.Count];
        for (var told = 0; told < years.Count; told++)
        {
            double[] others = [.. Enumerable.Range(0, gains.Length).Select(i => years.Where((_, y) => y != told).Sum(y => y[i]))];
            var (with, without, total) = (PredictiveAccuracy.Chosen(Of(zones, others, years.Count - 1), share), PredictiveAccuracy.Chosen(others, share), years[told].Sum());
            for (var i = 0; i < gains.Length; i++) gains[i] += years[told][i] * (with[i] - without[i]) / total * gains.Length / years.Count;
        }
        return gains;
    }
}
