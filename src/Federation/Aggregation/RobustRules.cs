namespace CitySafeSense.Federation;

/// <summary>One vector from many, some of which may lie.</summary>
public interface IRobustRule
{
    /// <param name="updates">Each [length]; each counts alike.</param>
    /// <exception cref="InvalidOperationException">They are too few for the rule.</exception>
    float[] Of(IReadOnlyList<float[]> updates);
}

/// <summary>The mean of what is left when the largest and the smallest share of every coordinate are gone (Yin et al. 2018); with the largest share it is the median.</summary>
/// <param name="Share">Trimmed from either end, 0 to below 0.5.</param>
public sealed record TrimmedMean(double Share) : IRobustRule
{
    /// <summary>The coordinate-wise median: all but the middle one or two are trimmed.</summary>
    public static IRobustRule Median { get; } = new CoordinateMedian();

    public float[] Of(IReadOnlyList<float[]> updates) => Trim(updates, (int)(Share * updates.Count));

    private static float[] Trim(IReadOnlyList<float[]> updates, int trimmed)
    {
        var kept = updates.Count - 2 * trimmed;
        if (kept < 1) throw new InvalidOperationException($"of {updates.Count} updates nothing is left when {trimmed} are trimmed from either end");
        var (result, column) = (new float[updates[0].Length], new float[updates.Count]);
        for (var i = 0; i < result.Length; i++)
        {
            for (var u = 0; u < column.Length; u++) column[u] = updates[u][i];
            Array.Sort(column);
            var sum = 0.0;
            for (var u = trimmed; u < trimmed + kept; u++) sum += column[u];
            result[i] = (float)(sum / kept);
        }
        return result;
    }

    private sealed record CoordinateMedian : IRobustRule
    {
        public float[] Of(IReadOnlyList<float[]> updates) => Trim(updates, (updates.Count - 1) / 2);
    }
}

/// <summary>
/// Krum (Blanchard et al. 2017): the update whose nearest n - f - 2 others are nearest, or the mean of the best n - f of them
/// (Multi-Krum).
/// </summary>
/// <param name="Liars">f, how many may lie; n is at least 2 f + 3.</param>
public sealed record Krum(int Liars, bool IsMulti) : IRobustRule
{
    /// <summary>Fewer it cannot tell apart.</summary>
    public int UpdatesMin => 2 * Liars + 3;

    public float[] Of(IReadOnlyList<float[]> updates)
    {
        var n = updates.Count;
        if (n < UpdatesMin) throw new InvalidOperationException($"krum with {Liars} liars needs at least {UpdatesMin} updates, not {n}");
        var distances = Distances.Between(updates);
        int[] best = [.. Enumerable.Range(0, n).OrderBy(a => Enumerable.Range(0, n).Where(b => b != a).Select(b => distances[a, b]).Order().Take(n - Liars - 2).Sum())];
        var taken = best.Take(IsMulti ? n - Liars : 1).ToArray();
        var result = new float[updates[0].Length];
        for (var i = 0; i < result.Length; i++)
        {
            var sum = 0.0;
            foreach (var u in taken) sum += updates[u][i];
            result[i] = (float)(sum / taken.Length);
        }
        return result;
    }
}
