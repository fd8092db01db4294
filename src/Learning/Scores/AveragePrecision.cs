namespace CitySafeSense.Learning;

/// <summary>The area under the precision-recall curve as a step function: sum of (R_n - R_{n-1}) P_n, ties taken together.</summary>
public static class AveragePrecision
{
    public static double Of(IReadOnlyList<double> scores, IReadOnlyList<bool> positive)
    {
        var order = Enumerable.Range(0, scores.Count).OrderByDescending(i => scores[i]).ToArray();
        var all = positive.Count(p => p);
        if (all == 0) return double.NaN;
        double area = 0;
        int hits = 0, seen = 0;
        for (var i = 0; i < order.Length;)
        {
            var before = hits;
            var score = scores[order[i]];
            for (; i < order.Length && scores[order[i]].Equals(score); i++)
            {
                seen++;
                if (positive[order[i]]) hits++;
            }
            area += (hits - before) / (double)all * hits / seen;
        }
        return area;
    }
}
