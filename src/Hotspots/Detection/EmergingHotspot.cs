namespace CitySafeSense.Hotspots;

/// <summary>How a hot place came to be one.</summary>
public enum EmergingClass
{
    /// <summary>It is not hot, and was not for long.</summary>
    None,

    /// <summary>Hot now and never before.</summary>
    New,

    /// <summary>Hot for some steps on end, and never before these.</summary>
    Consecutive,

    /// <summary>Hot nearly always, and ever more so.</summary>
    Intensifying,

    /// <summary>Hot nearly always.</summary>
    Persistent,

    /// <summary>Hot nearly always, and ever less so.</summary>
    Diminishing,

    /// <summary>Hot now and at times before, and never cold.</summary>
    Sporadic,

    /// <summary>Hot now, and cold at times before.</summary>
    Oscillating,

    /// <summary>Hot nearly always, and not now.</summary>
    Historical,
}

/// <summary>
/// Classes of hot places by their history: Getis-Ord G* of each step, believed under a bound on false discoveries, with the trend
/// of Mann and Kendall; the categories, and the nine tenths for "nearly always", are those of Esri's Emerging Hot Spot Analysis.
/// </summary>
public static class EmergingHotspot
{
    private const double NearlyAlways = 0.9, Significant = 1.96;

    /// <param name="z">G* of each step, the newest last.</param>
    /// <param name="standing">1 where it was significantly hot, -1 where cold, else 0.</param>
    public static EmergingClass Classify(ReadOnlySpan<float> z, ReadOnlySpan<sbyte> standing)
    {
        if (z.Length != standing.Length) throw new ArgumentException($"{z.Length} scores and {standing.Length} standings are not of the same steps");
        var (hot, cold, run) = (standing.Count((sbyte)1), standing.Count((sbyte)-1), 0);
        while (run < standing.Length && standing[^(run + 1)] > 0) run++;
        if (hot == 0) return EmergingClass.None;
        var (now, always) = (run > 0, standing.Length > 2 && hot >= NearlyAlways * standing.Length);
        if (always && !now) return EmergingClass.Historical;
        if (!now) return EmergingClass.None;
        if (always) return Trend(z) switch { > Significant => EmergingClass.Intensifying, < -Significant => EmergingClass.Diminishing, _ => EmergingClass.Persistent };
        if (hot == run) return run == 1 ? EmergingClass.New : EmergingClass.Consecutive;
        return cold > 0 ? EmergingClass.Oscillating : EmergingClass.Sporadic;
    }

    private static double Trend(ReadOnlySpan<float> z)
    {
        Span<double> series = stackalloc double[z.Length];
        for (var i = 0; i < z.Length; i++) series[i] = z[i];
        return MannKendall.Of(series);
    }
}
