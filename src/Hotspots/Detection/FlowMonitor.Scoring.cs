using CitySafeSense.Numerics;

namespace CitySafeSense.Hotspots;

/// <summary>How bins become scores.</summary>
public sealed partial class FlowMonitor
{
    private void Score(int slot, int shown)
    {
        for (var i = 0; i < watched.Count; i++)
        {
            var cell = watched[i];
            residuals[i] = cell.Expected[slot] > 0 ? (cell.Observed[slot] - cell.Expected[slot]) / Math.Sqrt(cell.Baseline.Dispersion * Math.Max(0.2, cell.Expected[slot])) : 0;
            scores[(int)FlowDetector.ZScore][i] = residuals[i];
            scores[(int)FlowDetector.Window][i] = Rarest(cell, slot, factor: 1).Score;
            scores[(int)FlowDetector.Ewma][i] = cell.Ewma.Add(residuals[i]);
            scores[(int)FlowDetector.Cusum][i] = WatchedCell.Decision * cell.Cusum.Add(residuals[i]);
            scores[(int)FlowDetector.PageHinkley][i] = WatchedCell.Decision * cell.PageHinkley.Add(residuals[i]);
            var (factor, area) = Around(i);
            // Only more than usual explains more: on a day on which most cells are quiet one that is as ever is not out of the ordinary.
            explanations[i] = Rarest(cell, slot, Math.Max(1, cityRatio * factor), Math.Max(0, area - AreaOrdinary));
            scores[(int)FlowDetector.Combined][i] = explanations[i].Score;
            silences[i] = SilenceOf(cell, shown);
        }
        for (var i = 0; i < watched.Count; i++) residuals[i] = Residual(watched[i], watched[i].HalfObserved, watched[i].HalfExpected);
        GetisOrd.LocalStar(residuals, beside).CopyTo(scores[(int)FlowDetector.GetisOrd], 0);
    }

    private static double Residual(WatchedCell cell, double observed, double expected) =>
        expected > 0 ? (observed - expected) / Math.Sqrt(cell.Baseline.DispersionOfHalfHours * Math.Max(1, expected)) : 0;

    /// <summary>How much more, or less, there is around the cell than the city explains, and how far out of the ordinary that is: then it is an event of the area, not of the cell.</summary>
    private (double Factor, double Z) Around(int i)
    {
        var (seen, usual) = (0.0, 0.0);
        foreach (var near in around[i]) (seen, usual) = (seen + watched[near].HalfObserved, usual + cityRatio * watched[near].HalfExpected);
        return ((seen + AroundPrior) / (usual + AroundPrior), (seen - usual) / Math.Sqrt(Math.Max(1, watched[i].Baseline.DispersionOfHalfHours * usual)));
    }

    /// <summary>The span of bins up to now that is rarest, where a factor tells what else is going on.</summary>
    /// <param name="malus">Taken off the score.</param>
    private static FlowExplanation Rarest(WatchedCell cell, int slot, double factor, double malus = 0)
    {
        var (best, seen, usual, baseline) = (new FlowExplanation(double.NegativeInfinity, 0, 0, 0), 0.0, 0.0, cell.Baseline);
        for (var span = 1; span <= SpanMax; span++)
        {
            var at = (slot + SpanMax - span + 1) % SpanMax;
            (seen, usual) = (seen + cell.Observed[at], usual + cell.Expected[at] * factor);
            var dispersion = baseline.Dispersion + (baseline.DispersionOfHalfHours - baseline.Dispersion) * (span - 1) / (SpanMax - 1);
            // Short spans are looked at as often as long ones and tell less: they must be rarer to count as much.
            var score = CountTail.Z(seen, Math.Max(0.05, usual), dispersion) - ShorterMalus * (SpanMax - span) - malus;
            if (score > best.Score) best = new(score, span, seen, usual);
        }
        return best;
    }

    /// <summary>All that is known is that there were fewer than are shown, in each bin: at most so many together.</summary>
    private static FlowExplanation SilenceOf(WatchedCell cell, int shown)
    {
        if (cell.SilentBins == 0) return default;
        var most = cell.SilentBins * (shown - 1.0);
        return new(CountTail.Few(most, cell.SilentExpected, cell.Baseline.DispersionOfHalfHours), cell.SilentBins, most, cell.SilentExpected);
    }

    /// <summary>An hour is over: it goes into the baseline and among the last ones.</summary>
    private void EndHour(int hourOfWeek)
    {
        if (hourBins == 60 / binMinutes)
        {
            // An hour that was heard in part counts for a whole one; one that was not heard at all is as it was expected.
            double[] hours = [.. watched.Select(c => c.HourHeard > 0 ? c.HourObserved / c.HourHeard * hourBins : c.HourExpected)];
            for (var i = 0; i < watched.Count; i++) residuals[i] = watched[i].Baseline.Knows(hourOfWeek) ? Residual(watched[i], hours[i], watched[i].HourExpected) : 0;
            var star = GetisOrd.LocalStar(residuals, beside);
            double[] p = [.. star.Select(z => 2 * NormalDistribution.UpperTail(Math.Abs(z)))];
            var believed = FalseDiscovery.Believed(p, FalseDiscoveries);
            for (var i = 0; i < watched.Count; i++)
            {
                watched[i].Hours.Add(hours[i], watched[i].HourExpected, star[i], believed[i] ? Math.Sign(star[i]) : 0);
                if (watched[i].HourHeard > 0) watched[i].Baseline.Learn(hourOfWeek, hours[i] / hourBins);
            }
        }
        foreach (var cell in watched) (cell.HourObserved, cell.HourHeard, cell.HourExpected) = (0, 0, 0);
        hourBins = 0;
    }
}
