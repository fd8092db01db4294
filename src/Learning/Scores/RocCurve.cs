namespace CitySafeSense.Learning;

/// <summary>The receiver operating characteristic: what share of negatives and of positives lies at or above each threshold.</summary>
public static class RocCurve
{
    /// <returns>From (0, 0) to (1, 1), a point for each score there is; nothing where positives or negatives are missing.</returns>
    public static IReadOnlyList<(double FalsePositives, double TruePositives)> Of(IReadOnlyList<double> scores, IReadOnlyList<bool> positive)
    {
        var order = Enumerable.Range(0, scores.Count).OrderByDescending(i => scores[i]).ToArray();
        var positives = positive.Count(p => p);
        var negatives = scores.Count - positives;
        if (positives == 0 || negatives == 0) return [];
        var points = new List<(double, double)> { (0, 0) };
        var (hits, alarms) = (0, 0);
        for (var i = 0; i < order.Length; i++)
        {
            if (positive[order[i]]) hits++;
            else alarms++;
            if (i + 1 == order.Length || !scores[order[i + 1]].Equals(scores[order[i]])) points.Add(((double)alarms / negatives, (double)hits / positives));
        }
        return points;
    }
}
