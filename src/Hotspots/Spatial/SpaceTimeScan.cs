using CitySafeSense.Numerics;

namespace CitySafeSense.Hotspots;

/// <summary>What there would be without a cluster.</summary>
public enum ScanModel
{
    /// <summary>Cases fall as expected of each cell and period (Kulldorff 2001).</summary>
    Poisson,

    /// <summary>Where and when are independent: only the cases are needed (Kulldorff et al. 2005).</summary>
    Permutation,
}

/// <summary>A disk over the last periods that has more cases than expected.</summary>
/// <param name="Centre">Of the disk.</param>
/// <param name="Radius">In steps.</param>
/// <param name="Periods">How many, up to the last one: since when it has been so.</param>
/// <param name="P">How often chance alone makes a most likely cluster at least as likely as this one.</param>
public sealed record ScanCluster(CellId Centre, int Radius, int Periods, long Cases, double Expected, double LogLikelihoodRatio, double P)
{
    /// <summary>Scans, one each period, between two that chance alone makes look so.</summary>
    public double RecurrencePeriods => 1 / P;
}

/// <summary>
/// The prospective space-time scan statistic: of all disks and all spans up to now the one that is hardest to explain, and how
/// hard by Monte Carlo, p = (1 + replications at least as likely) / (replications + 1). The same seed gives the same p.
/// </summary>
public sealed class SpaceTimeScan
{
    private readonly ScanZones zones;
    private readonly int spanMax, stride;

    /// <param name="spanMax">Longest span of periods, at most 64.</param>
    public SpaceTimeScan(ScanZones zones, int spanMax)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(spanMax, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(spanMax, 64);
        (this.zones, this.spanMax) = (zones, spanMax);
        stride = (spanMax + 15) / 16 * 16;
    }

    /// <param name="cases">[cells, periods], the newest period last.</param>
    /// <param name="expected">[cells, periods], in any unit; not looked at where the model is of permutations.</param>
    /// <param name="clustersMax">How many, of those that do not overlap.</param>
    /// <returns>The most likely first.</returns>
    /// <exception cref="ArgumentException">The data are not of these cells, or something was expected nowhere.</exception>
    public IReadOnlyList<ScanCluster> Run(ReadOnlySpan<int> cases, ReadOnlySpan<double> expected, ScanModel model, int replications, ulong seed, int clustersMax = 1)
    {
        var cells = zones.Cells.Count;
        if (cases.Length == 0 || cases.Length % cells != 0 || cases.Length / cells < spanMax) throw new ArgumentException($"{cases.Length} counts are not {cells} cells by {spanMax} periods or more");
        var total = 0L;
        foreach (var count in cases) total += count;
        if (total == 0) return [];
        var sampler = ScanSampler.For(model, cases, expected, cells);
        var (windows, ratios) = (Cumulative(sampler.Expected, cells), new ScanExpectation(zones, spanMax, stride, total));
        ratios.Prepare(windows);
        var found = ratios.Clusters(Cumulative(sampler.Observed, cells), clustersMax);
        var beyond = new int[found.Count];
        var drawn = new float[cells * stride];
        for (var replication = 0; replication < replications && found.Count > 0; replication++)
        {
            sampler.Draw(Rng.For(seed, "scan", replication.ToString(System.Globalization.CultureInfo.InvariantCulture)), drawn, stride, spanMax);
            var largest = ratios.Largest(drawn, found[^1].Ratio);
            for (var i = 0; i < beyond.Length; i++)
                if (largest >= found[i].Ratio) beyond[i]++;
        }
        return [.. found.Select((c, i) => new ScanCluster(zones.Cells[c.Centre], c.Radius, c.Span, (long)c.Cases, c.Expected, c.Ratio, (beyond[i] + 1.0) / (replications + 1)))];
    }

    /// <summary>[cells, spans]: what lies in the last period, the last two, and so on.</summary>
    private float[] Cumulative(double[] values, int cells)
    {
        var (cumulative, periods) = (new float[cells * stride], values.Length / cells);
        for (var cell = 0; cell < cells; cell++)
        {
            var sum = 0.0;
            for (var span = 0; span < spanMax; span++) cumulative[cell * stride + span] = (float)(sum += values[cell * periods + periods - 1 - span]);
        }
        return cumulative;
    }
}
