namespace CitySafeSense.Hotspots;

/// <summary>How much of what happened lay in the cells that were named beforehand (Chainey, Tompson and Uhlig 2008).</summary>
public static class PredictiveAccuracy
{
    /// <summary>
    /// How much of each cell is among the first share of the area, ranked by a score: 1, 0, or for cells with the score of the
    /// last one the part that there is room for, so that ties favour nobody.
    /// </summary>
    public static double[] Chosen(ReadOnlySpan<double> scores, double share)
    {
        var (room, sorted, chosen) = (share * scores.Length, scores.ToArray(), new double[scores.Length]);
        Array.Sort(sorted);
        Array.Reverse(sorted);
        var bar = sorted[Math.Clamp((int)Math.Ceiling(room) - 1, 0, sorted.Length - 1)];
        var (above, at) = (sorted.Count(s => s > bar), sorted.Count(s => s == bar));
        for (var i = 0; i < chosen.Length; i++) chosen[i] = scores[i] > bar ? 1 : scores[i] == bar ? (room - above) / at : 0;
        return chosen;
    }

    /// <summary>The share of the events in what was chosen; over the share of the area it is the predictive accuracy index.</summary>
    public static double HitRate(ReadOnlySpan<double> chosen, ReadOnlySpan<double> events)
    {
        var (hit, all) = (0.0, 0.0);
        for (var i = 0; i < events.Length; i++) (hit, all) = (hit + chosen[i] * events[i], all + events[i]);
        return all > 0 ? hit / all : 0;
    }
}
