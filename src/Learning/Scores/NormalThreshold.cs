using CitySafeSense.Numerics;

namespace CitySafeSense.Learning;

/// <summary>
/// From which score on something is out of the ordinary, learned from ordinary scores: an upper confidence bound of their quantile by order
/// statistics (Hahn and Meeker 1991, section 5.2), whatever their distribution. It follows slow drift: only the last scores count. Of those that
/// it judges, one far above it does not count at all, and one above it as if it lay just above: were it to learn from nothing but what it lets
/// pass, it would sink and sink, and were it to learn all of it, what stays out of the ordinary for seconds would be ordinary.
/// </summary>
public sealed class NormalThreshold
{
    private const double FarAbove = 1.5, JustAbove = 1.05, Unsure = 1.1;

    private readonly Queue<double> scores = new();
    private readonly double quantile, confidence;
    private readonly int kept, every;
    private long judged;
    private double? value;

    /// <param name="quantile">Share of ordinary scores below it.</param>
    /// <param name="confidence">That the share is at least so large.</param>
    /// <param name="kept">The last scores that count.</param>
    /// <param name="every">Of the scores that it judges it learns from one in so many.</param>
    public NormalThreshold(double quantile = 0.95, double confidence = 0.9, int kept = 512, int every = 1)
    {
        if (every < 1) throw new ArgumentException("a threshold learns from one score in 1 or more");
        if (quantile is not (> 0 and < 1) || confidence is not (> 0 and < 1)) throw new ArgumentException("quantile and confidence are shares between 0 and 1");
        if (kept < Needed(quantile, confidence)) throw new ArgumentException($"a quantile of {quantile} with confidence {confidence} needs {Needed(quantile, confidence)} scores, not {kept}");
        (this.quantile, this.confidence, this.kept, this.every) = (quantile, confidence, kept, every);
    }

    /// <summary>The threshold; with fewer scores than it takes to be sure, the largest and a tenth of it more. Nothing without scores.</summary>
    public double? Value => value ??= Find();

    /// <summary>The share of ordinary scores below this one, as if one more ordinary score lay above all: never 1.</summary>
    public double ShareBelow(double score) => scores.Count(s => s < score) / (scores.Count + 1.0);

    public void Add(double score)
    {
        if (!double.IsFinite(score)) throw new ArgumentException($"{score} is no score");
        if (scores.Count == kept) scores.Dequeue();
        scores.Enqueue(score);
        value = null;
    }

    /// <summary>Judges a score; now and then learns from it.</summary>
    /// <returns>How far above the threshold it lies; 1 is at it.</returns>
    public double Judge(double score)
    {
        if (Value is not { } threshold)
        {
            Add(score);
            return 0;
        }
        var ratio = score / Math.Max(1e-12, threshold);
        // With too few scores to be sure the threshold hangs on the largest, which nothing may push up.
        if (++judged % every == 0 && ratio <= FarAbove) Add(Math.Min(score, scores.Count < Needed(quantile, confidence) ? threshold / Unsure : JustAbove * threshold));
        return ratio;
    }

    private double? Find()
    {
        if (scores.Count == 0) return null;
        double[] sorted = [.. scores.Order()];
        return Rank(sorted.Length) is { } rank ? sorted[rank - 1] : sorted[^1] * Unsure;
    }

    /// <summary>The least number of scores: with fewer even the largest may be below the quantile.</summary>
    private static int Needed(double quantile, double confidence) => (int)Math.Ceiling(Elementary.Log(1 - confidence) / Elementary.Log(quantile));

    /// <summary>The smallest rank whose score is above the quantile with the confidence: P(fewer than so many of n lie below it).</summary>
    private int? Rank(int n)
    {
        if (n < Needed(quantile, confidence)) return null;
        var below = 0.0;
        for (var rank = 1; rank <= n; rank++)
        {
            var k = rank - 1; // so many lie below the quantile, with a binomial probability
            below += Elementary.Exp(LogGamma.Of(n + 1) - LogGamma.Of(k + 1) - LogGamma.Of(n - k + 1) + k * Elementary.Log(quantile) + (n - k) * Elementary.Log(1 - quantile));
            if (below >= confidence) return rank;
        }
        return n;
    }
}
