namespace CitySafeSense.Hotspots;

/// <summary>Ways of seeing that a cell is out of the ordinary.</summary>
public enum FlowDetector
{
    /// <summary>One bin's residual over its deviation.</summary>
    ZScore,

    /// <summary>The rarest of the last one to six bins together, as over-dispersed counts.</summary>
    Window,
    Ewma,
    Cusum,
    PageHinkley,

    /// <summary>Getis-Ord G* of half an hour's residuals.</summary>
    GetisOrd,

    /// <summary>As Window, beside what goes on in the city and around the cell: what all see is weather, what neighbours see is an event.</summary>
    Combined,
}

/// <summary>Why a cell is out of the ordinary.</summary>
/// <param name="Bins">Since when, in bins.</param>
public readonly record struct FlowExplanation(double Score, int Bins, double Observed, double Expected);

/// <summary>
/// Watches the cells of a city, bin by bin: learns what is usual in each hour of the week, and scores what is not. Scores are in
/// standard deviations of a normal value. Pure: the same counts give the same scores.
/// </summary>
public sealed class FlowMonitor
{
    public const int BinMinutes = 5, SpanMax = 6;
    private const double Lambda = 0.3, Reference = 1, Decision = 5, Delta = 0.5, AroundPrior = 5000, CityPrior = 100, CityShare = 0.5, ShorterMalus = 0.3, AreaOrdinary = 2;
    private readonly int[][] around;
    private readonly SpatialWeights beside;
    private readonly FlowBaseline[] baselines;
    private readonly Ewma[] ewma;
    private readonly Cusum[] cusum;
    private readonly PageHinkley[] pageHinkley;
    private readonly float[] observed, expected, hour;
    private readonly double[] halfObserved, halfExpected, residuals;
    private readonly FlowExplanation[] explanations;
    private readonly double[][] scores;
    private double cityRatio = 1;
    private long bin;

    /// <param name="cells">Of one resolution, each once.</param>
    public FlowMonitor(IReadOnlyList<CellId> cells)
    {
        var (zones, n) = (new ScanZones(cells, 2), cells.Count);
        around = [.. Enumerable.Range(0, n).Select(i => zones.Disk(i, 2)[1..].ToArray())];
        beside = SpatialWeights.WithinSteps(zones, 1);
        baselines = [.. Enumerable.Range(0, n).Select(_ => new FlowBaseline())];
        ewma = [.. Enumerable.Repeat(new Ewma(Lambda, 1), n)];
        cusum = [.. Enumerable.Repeat(new Cusum(Reference, Decision), n)];
        pageHinkley = [.. Enumerable.Repeat(new PageHinkley(Delta, Decision), n)];
        (observed, expected, hour) = (new float[n * SpanMax], new float[n * SpanMax], new float[n]);
        (halfObserved, halfExpected, residuals, explanations) = (new double[n], new double[n], new double[n], new FlowExplanation[n]);
        scores = [.. Enum.GetValues<FlowDetector>().Select(_ => new double[n])];
    }

    public ReadOnlySpan<double> Scores(FlowDetector detector) => scores[(int)detector];

    /// <summary>What the combined score stands on.</summary>
    public FlowExplanation Explain(int cell) => explanations[cell];

    /// <summary>Takes in the next bin. The first bin is the first of a week.</summary>
    /// <param name="counts">Of each cell; below zero where it is not known.</param>
    /// <param name="detects">False while it only learns: scores stay as they were.</param>
    public void Observe(ReadOnlySpan<int> counts, bool detects)
    {
        var (n, slot) = (around.Length, (int)(bin % SpanMax));
        var minute = bin * BinMinutes % (FlowBaseline.Hours * 60);
        var (seen, usual) = (0.0, 0.0);
        for (var i = 0; i < n; i++)
        {
            var known = counts[i] >= 0;
            var mean = baselines[i].Expected(minute + BinMinutes / 2.0);
            (observed[i * SpanMax + slot], expected[i * SpanMax + slot]) = known ? (counts[i], (float)mean) : (0, 0);
            (hour[i], seen, usual) = (hour[i] + (known ? counts[i] : (float)mean), seen + (known ? counts[i] : 0), usual + (known ? mean : 0));
        }
        cityRatio += CityShare * ((seen + CityPrior) / (usual + CityPrior) - cityRatio);
        for (var i = 0; i < n; i++)
        {
            (halfObserved[i], halfExpected[i]) = (0, 0);
            for (var s = 0; s < SpanMax; s++)
                (halfObserved[i], halfExpected[i]) = (halfObserved[i] + observed[i * SpanMax + s], halfExpected[i] + expected[i * SpanMax + s]);
        }
        if (detects) Score(slot);
        for (var i = 0; i < n; i++)
        {
            if (counts[i] >= 0) baselines[i].Scatter(counts[i], expected[i * SpanMax + slot] * cityRatio, halfObserved[i], halfExpected[i] * cityRatio);
            if ((bin + 1) % (60 / BinMinutes) != 0) continue;
            baselines[i].Learn((int)(minute / 60), hour[i] / (60.0 / BinMinutes));
            hour[i] = 0;
        }
        bin++;
    }

    private void Score(int slot)
    {
        for (var i = 0; i < around.Length; i++)
        {
            var (baseline, at) = (baselines[i], i * SpanMax + slot);
            residuals[i] = expected[at] > 0 ? (observed[at] - expected[at]) / Math.Sqrt(baseline.Dispersion * Math.Max(0.2, expected[at])) : 0;
            scores[(int)FlowDetector.ZScore][i] = residuals[i];
            scores[(int)FlowDetector.Window][i] = Rarest(i, slot, factor: 1).Score;
            scores[(int)FlowDetector.Ewma][i] = ewma[i].Add(residuals[i]);
            scores[(int)FlowDetector.Cusum][i] = Decision * cusum[i].Add(residuals[i]);
            scores[(int)FlowDetector.PageHinkley][i] = Decision * pageHinkley[i].Add(residuals[i]);
            var (factor, area) = Around(i);
            // Only more than usual explains more: on a day on which most cells are quiet one that is as ever is not out of the ordinary.
            explanations[i] = Rarest(i, slot, Math.Max(1, cityRatio * factor), Math.Max(0, area - AreaOrdinary));
            scores[(int)FlowDetector.Combined][i] = explanations[i].Score;
        }
        for (var i = 0; i < around.Length; i++) residuals[i] = halfExpected[i] > 0 ? (halfObserved[i] - halfExpected[i]) / Math.Sqrt(baselines[i].DispersionOfHalfHours * Math.Max(1, halfExpected[i])) : 0;
        GetisOrd.LocalStar(residuals, beside).CopyTo(scores[(int)FlowDetector.GetisOrd], 0);
    }

    /// <summary>How much more, or less, there is around the cell than the city explains, and how far out of the ordinary that is: then it is an event of the area, not of the cell.</summary>
    private (double Factor, double Z) Around(int cell)
    {
        var (seen, usual) = (0.0, 0.0);
        foreach (var near in around[cell]) (seen, usual) = (seen + halfObserved[near], usual + cityRatio * halfExpected[near]);
        return ((seen + AroundPrior) / (usual + AroundPrior), (seen - usual) / Math.Sqrt(Math.Max(1, baselines[cell].DispersionOfHalfHours * usual)));
    }

    /// <summary>The span of bins up to now that is rarest, where a factor tells what else is going on.</summary>
    /// <param name="malus">Taken off the score.</param>
    private FlowExplanation Rarest(int cell, int slot, double factor, double malus = 0)
    {
        var (best, seen, usual, baseline) = (new FlowExplanation(double.NegativeInfinity, 0, 0, 0), 0.0, 0.0, baselines[cell]);
        for (var span = 1; span <= SpanMax; span++)
        {
            var at = cell * SpanMax + (slot + SpanMax - span + 1) % SpanMax;
            (seen, usual) = (seen + observed[at], usual + expected[at] * factor);
            var dispersion = baseline.Dispersion + (baseline.DispersionOfHalfHours - baseline.Dispersion) * (span - 1) / (SpanMax - 1);
            // Short spans are looked at as often as long ones and tell less: they must be rarer to count as much.
            var score = CountTail.Z(seen, Math.Max(0.05, usual), dispersion) - ShorterMalus * (SpanMax - span) - malus;
            if (score > best.Score) best = new(score, span, seen, usual);
        }
        return best;
    }
}
