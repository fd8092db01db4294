namespace CitySafeSense.Hotspots;

/// <summary>Whether a series rises or falls, whatever its shape: the Mann-Kendall test with the correction for ties and for continuity (Mann 1945, Kendall 1975).</summary>
public static class MannKendall
{
    /// <returns>Z, standard normal where there is no trend; 0 for fewer than three values.</returns>
    public static double Of(ReadOnlySpan<double> series)
    {
        var n = series.Length;
        if (n < 3) return 0;
        long s = 0;
        for (var i = 0; i < n; i++)
            for (var j = i + 1; j < n; j++) s += Math.Sign(series[j] - series[i]);
        var variance = (double)n * (n - 1) * (2 * n + 5);
        foreach (var tied in series.ToArray().GroupBy(v => v).Select(g => (double)g.Count())) variance -= tied * (tied - 1) * (2 * tied + 5);
        return s == 0 || variance <= 0 ? 0 : (s - Math.Sign(s)) / Math.Sqrt(variance / 18);
    }
}
