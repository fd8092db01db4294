using CitySafeSense.Numerics;
using CitySafeSense.Privacy;

namespace CitySafeSense.City;

/// <summary>What a release would show of a fleet.</summary>
/// <param name="Counted">Of a fleet that is always heard, how many devices are counted in an hour.</param>
/// <param name="Error">Root mean square error of a shown number, in devices: noise, and which devices happened to be counted.</param>
/// <param name="VisibleSlots">Share of (r8 cell, hour) slots that are shown.</param>
/// <param name="VisibleCells">Share of cells that are shown in some hour of the week.</param>
/// <param name="VisibleDevices">Share of device-hours that are in slots that are shown.</param>
public sealed record ReleaseForecast(double Counted, double Error, double VisibleSlots, double VisibleCells, double VisibleDevices);

/// <summary>How many cells of a virtual city a fleet of some size would make visible, from the mechanism's own numbers and the city's usual week.</summary>
public static class ReleasePlan
{
    private const int Coarse = 8, Hours = ContributionTokens.HoursPerWeek, BinsPerHour = 60 / FlowCity.BinMinutes;

    /// <param name="devices">In the whole city, all of them heard in every hour.</param>
    /// <param name="contributors">Nothing is shown of fewer.</param>
    public static ReleaseForecast For(FlowCity city, GaussianRelease release, int contributors, int devices)
    {
        var places = city.Cells.Select((c, i) => (Place: c.Parent(Coarse), Cell: i)).GroupBy(c => c.Place).Select(g => g.Select(c => c.Cell).ToArray()).ToArray();
        var (threshold, counted) = (release.Threshold(contributors), devices / release.Scale);
        var (slots, heard, visibleDevices, cells) = (0.0, 0.0, 0.0, new double[places.Length]);
        for (var hour = 0; hour < Hours; hour++)
        {
            double[] weights = [.. places.Select(cells => cells.Sum(cell => city.Usual(cell, hour * BinsPerHour)))];
            var all = weights.Sum();
            for (var place = 0; place < places.Length; place++)
            {
                var mean = counted * weights[place] / all;
                // Who is there is chance (Poisson), the noise is normal: together nearly normal where anything is to be seen.
                var shown = NormalDistribution.UpperTail((threshold - mean) / Math.Sqrt(mean + release.Sigma * release.Sigma));
                (slots, heard, visibleDevices) = (slots + shown, heard + mean, visibleDevices + shown * mean);
                cells[place] = 1 - (1 - cells[place]) * (1 - shown);
            }
        }
        var error = Math.Sqrt(release.Sigma * release.Sigma + (release.Scale > 1 ? threshold * (1 - 1 / release.Scale) : 0)) * release.Scale;
        return new(counted, error, slots / (Hours * places.Length), cells.Average(), heard == 0 ? 0 : visibleDevices / heard);
    }
}
