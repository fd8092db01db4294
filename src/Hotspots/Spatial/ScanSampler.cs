using CitySafeSense.Numerics;

namespace CitySafeSense.Hotspots;

/// <summary>Cases as they are, what was expected of them, and how chance would have dealt them.</summary>
/// <param name="observed">[cells, periods].</param>
/// <param name="expected">[cells, periods], as many as there are cases.</param>
internal abstract class ScanSampler(double[] observed, double[] expected, int periods)
{
    public double[] Observed => observed;
    public double[] Expected => expected;

    protected int Periods => periods;

    public static ScanSampler For(ScanModel model, ReadOnlySpan<int> cases, ReadOnlySpan<double> expected, int cells)
    {
        double[] observed = [.. cases.ToArray().Select(c => (double)c)];
        if (model == ScanModel.Permutation) return Permutation.Of(observed, cells);
        if (expected.Length != cases.Length) throw new ArgumentException($"{expected.Length} expectations for {cases.Length} counts");
        var (sum, total, scaled) = (0.0, observed.Sum(), expected.ToArray());
        foreach (var e in expected)
        {
            if (!(e >= 0) || !double.IsFinite(e)) throw new ArgumentException($"{e} cases cannot be expected");
            sum += e;
        }
        if (sum <= 0) throw new ArgumentException("nothing was expected anywhere");
        for (var i = 0; i < scaled.Length; i++) scaled[i] *= total / sum;
        return new Poisson(observed, scaled, cases.Length / cells);
    }

    /// <summary>Deals the cases out anew.</summary>
    /// <param name="into">[cells, stride]: those in the last period, the last two, and so on.</param>
    public void Draw(Rng rng, float[] into, int stride, int spanMax)
    {
        Array.Clear(into);
        Deal(rng, into, stride, spanMax);
        for (var row = 0; row < into.Length; row += stride)
            for (var span = 1; span < spanMax; span++) into[row + span] += into[row + span - 1];
    }

    /// <summary>Adds 1 for each case at [cell, age], where it is not older than the longest span.</summary>
    protected abstract void Deal(Rng rng, float[] into, int stride, int spanMax);

    /// <summary>Each case falls on a cell and a period with the probability that was expected, by Walker's alias method.</summary>
    private sealed class Poisson : ScanSampler
    {
        private readonly long cases;
        private readonly double[] keep;
        private readonly int[] alias;

        public Poisson(double[] observed, double[] expected, int periods)
            : base(observed, expected, periods)
        {
            cases = (long)observed.Sum();
            (keep, alias) = (new double[expected.Length], new int[expected.Length]);
            var (small, large, mean) = (new Stack<int>(), new Stack<int>(), expected.Average());
            for (var i = 0; i < keep.Length; i++) ((keep[i] = expected[i] / mean) < 1 ? small : large).Push(i);
            while (small.Count > 0 && large.Count > 0)
            {
                var (low, high) = (small.Pop(), large.Pop());
                alias[low] = high;
                keep[high] -= 1 - keep[low];
                (keep[high] < 1 ? small : large).Push(high);
            }
            foreach (var rest in small.Concat(large)) keep[rest] = 1;
        }

        protected override void Deal(Rng rng, float[] into, int stride, int spanMax)
        {
            for (var n = cases; n > 0; n--)
            {
                var at = rng.NextInt(keep.Length);
                if (rng.NextDouble() >= keep[at]) at = alias[at];
                var age = Periods - 1 - at % Periods;
                if (age < spanMax) into[at / Periods * stride + age]++;
            }
        }
    }

    /// <summary>The cases keep their cells, and their periods are shuffled.</summary>
    private sealed class Permutation(double[] observed, double[] expected, int periods, int[] cellOf, int[] periodOf) : ScanSampler(observed, expected, periods)
    {
        public static Permutation Of(double[] observed, int cells)
        {
            var periods = observed.Length / cells;
            var (ofCell, ofPeriod, total) = (new double[cells], new double[periods], observed.Sum());
            var (where, when) = (new List<int>(), new List<int>());
            for (var i = 0; i < observed.Length; i++)
            {
                ofCell[i / periods] += observed[i];
                ofPeriod[i % periods] += observed[i];
                for (var n = 0; n < observed[i]; n++)
                {
                    where.Add(i / periods);
                    when.Add(i % periods);
                }
            }
            return new(observed, [.. Enumerable.Range(0, observed.Length).Select(i => ofCell[i / periods] * ofPeriod[i % periods] / total)], periods, [.. where], [.. when]);
        }

        protected override void Deal(Rng rng, float[] into, int stride, int spanMax)
        {
            int[] shuffled = [.. periodOf];
            rng.Shuffle<int>(shuffled);
            for (var n = 0; n < shuffled.Length; n++)
                if (Periods - 1 - shuffled[n] is var age && age < spanMax) into[cellOf[n] * stride + age]++;
        }
    }
}
