namespace CitySafeSense.Learning;

/// <summary>The area under the receiver operating characteristic: how often a positive scores above a negative, a tie counting half (Mann and Whitney).</summary>
public static class RocArea
{
    /// <returns>Not a number where either is missing.</returns>
    public static double Of(IReadOnlyList<double> scores, IReadOnlyList<bool> positive)
    {
        var order = Enumerable.Range(0, scores.Count).OrderBy(i => scores[i]).ToArray();
        var (positives, ranks) = (positive.Count(p => p), 0.0);
        var negatives = scores.Count - positives;
        if (positives == 0 || negatives == 0) return double.NaN;
        for (var from = 0; from < order.Length;)
        {
            var to = from;
            while (to < order.Length && scores[order[to]].Equals(scores[order[from]])) to++;
            for (var i = from; i < to; i++)
                if (positive[order[i]]) ranks += (from + to + 1) / 2.0; // ties share their mean rank
            from = to;
        }
        return (ranks - positives * (positives + 1) / 2.0) / ((double)positives * negatives);
    }
}
