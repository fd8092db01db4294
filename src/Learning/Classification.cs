namespace CitySafeSense.Learning;

/// <summary>Who was taken for whom: counts [truth, prediction], and the figures that come of them. Sums of two are again one.</summary>
public sealed class Classification
{
    private readonly long[] counts;

    public Classification(int classes)
    {
        Classes = classes;
        counts = new long[classes * classes];
    }

    public int Classes { get; }
    public long Total => counts.Sum();
    public long this[int truth, int prediction] => counts[truth * Classes + prediction];

    public void Add(int truth, int prediction) => counts[truth * Classes + prediction]++;

    public void Add(Classification other)
    {
        for (var i = 0; i < counts.Length; i++) counts[i] += other.counts[i];
    }

    /// <summary>NaN where there is nothing to judge.</summary>
    public double Accuracy => Enumerable.Range(0, Classes).Sum(c => this[c, c]) / (double)Total;

    /// <summary>How many have this class.</summary>
    public long Truths(int c) => Enumerable.Range(0, Classes).Sum(p => this[c, p]);

    /// <summary>How many were answered with this class.</summary>
    public long Predictions(int c) => Enumerable.Range(0, Classes).Sum(t => this[t, c]);

    /// <summary>Share of a class that was answered with it; NaN where the class does not occur.</summary>
    public double Recall(int c) => this[c, c] / (double)Truths(c);

    /// <summary>Share of everything else that was answered with this class; NaN where there is nothing else.</summary>
    public double FalsePositiveRate(int c) => (Predictions(c) - this[c, c]) / (double)(Total - Truths(c));

    /// <summary>How many different classes were answered.</summary>
    public int AnsweredClasses => Enumerable.Range(0, Classes).Count(c => Predictions(c) > 0);

    public double F1(int c)
    {
        var (hits, taken, true_) = (this[c, c], 0L, 0L);
        for (var other = 0; other < Classes; other++)
        {
            taken += this[other, c];
            true_ += this[c, other];
        }
        return taken + true_ == 0 ? double.NaN : 2.0 * hits / (taken + true_);
    }

    /// <summary>The mean F1 of the classes that occur, in truth or in prediction.</summary>
    public double MacroF1 => Enumerable.Range(0, Classes).Select(F1).Where(f => !double.IsNaN(f)).DefaultIfEmpty(double.NaN).Average();

    /// <summary>The accuracy of always answering the commonest class.</summary>
    public double MajorityAccuracy => Enumerable.Range(0, Classes).Max(t => Enumerable.Range(0, Classes).Sum(p => this[t, p])) / (double)Total;

    /// <summary>Counts [truth, prediction], row by row.</summary>
    public IReadOnlyList<long> Counts => counts;

    public static Classification FromCounts(int classes, IReadOnlyList<long> counts)
    {
        if (counts.Count != classes * classes) throw new ArgumentException($"{classes} classes have {classes * classes} counts, not {counts.Count}");
        var classification = new Classification(classes);
        for (var i = 0; i < counts.Count; i++) classification.counts[i] = counts[i];
        return classification;
    }

    public static int ArgMax(ReadOnlySpan<float> values)
    {
        var best = 0;
        for (var i = 1; i < values.Length; i++)
            if (values[i] > values[best]) best = i;
        return best;
    }
}
