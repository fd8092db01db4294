namespace CitySafeSense.Hotspots;

/// <summary>Which of many tests to believe, so that at most a share of those believed is wrong (Benjamini and Hochberg 1995).</summary>
public static class FalseDiscovery
{
    /// <param name="share">Of what is believed, that may be wrong.</param>
    public static bool[] Believed(ReadOnlySpan<double> p, double share)
    {
        var sorted = p.ToArray();
        Array.Sort(sorted);
        var bound = -1.0;
        for (var rank = sorted.Length; rank > 0 && bound < 0; rank--)
            if (sorted[rank - 1] <= share * rank / sorted.Length) bound = sorted[rank - 1];
        var believed = new bool[p.Length];
        for (var i = 0; i < believed.Length; i++) believed[i] = p[i] <= bound;
        return believed;
    }
}
