using CitySafeSense.Hotspots;
using CitySafeSense.Numerics;

namespace CitySafeSense.City;

/// <summary>How a detector did.</summary>
/// <param name="Found">Incidents of each size, by deviations.</param>
/// <param name="DelayMinutes">From the beginning of an incident to the end of the bin that gave it away, on average.</param>
public sealed record DetectionGrade(
    int Alarms, int TrueAlarms, IReadOnlyDictionary<int, (int Found, int Planted)> Found, double? DelayMinutes, double FalseAlarmsPerCellWeek)
{
    public WilsonInterval Precision => WilsonInterval.Of(TrueAlarms, Alarms);

    public WilsonInterval Recall(params ReadOnlySpan<int> sizes)
    {
        var (found, planted) = (0, 0);
        foreach (var size in sizes) (found, planted) = (found + Found[size].Found, planted + Found[size].Planted);
        return WilsonInterval.Of(found, planted);
    }
}

/// <summary>
/// Detectors against a city of flows. An incident is found by an alarm in its cell or beside it within half an hour of its
/// beginning; alarms of one cause count once, those that match no incident are false.
/// </summary>
public sealed class DetectionTrial
{
    private const double Floor = 2.5;
    private readonly FlowCity city;
    private readonly int[][] neighbours;
    private readonly Dictionary<FlowDetector, AlarmTrace> traces;

    private DetectionTrial(FlowCity city)
    {
        this.city = city;
        var zones = new ScanZones(city.Cells, 1);
        neighbours = [.. Enumerable.Range(0, city.Cells.Count).Select(i => zones.Around(i).ToArray())];
        traces = Enum.GetValues<FlowDetector>().ToDictionary(d => d, _ => new AlarmTrace(Floor, neighbours));
    }

    public double CellWeeks => city.Cells.Count * (city.Bins - city.WarmUpBins) / (7.0 * FlowCity.BinsPerDay);

    /// <param name="shown">The fewest people that are shown of a bin; fewer are unknown.</param>
    /// <param name="progress">Called with each day that is over.</param>
    public static DetectionTrial Run(FlowCity city, int shown = 0, Action<int>? progress = null)
    {
        var (trial, monitor, counts) = (new DetectionTrial(city), new FlowMonitor(city.Cells), new int[city.Cells.Count]);
        for (var bin = 0; bin < city.Bins; bin++)
        {
            city.Next(bin, counts);
            for (var i = 0; shown > 0 && i < counts.Length; i++)
                if (counts[i] < shown) counts[i] = -1;
            var detects = bin >= city.WarmUpBins - FlowMonitor.SpanMax;
            monitor.Observe(counts, detects);
            if (bin >= city.WarmUpBins)
                foreach (var (detector, trace) in trial.traces) trace.Add(bin, monitor.Scores(detector));
            if ((bin + 1) % FlowCity.BinsPerDay == 0) progress?.Invoke((bin + 1) / FlowCity.BinsPerDay);
        }
        return trial;
    }

    public DetectionGrade Grade(FlowDetector detector, double threshold)
    {
        var (alarms, trueAlarms, found, delays) = (traces[detector].Alarms(threshold), 0, new Dictionary<FlowIncident, int>(), new List<double>());
        var byCell = city.Incidents.SelectMany(i => neighbours[i.Cell].Prepend(i.Cell).Select(c => (Cell: c, Incident: i))).ToLookup(c => c.Cell, c => c.Incident);
        foreach (var cause in alarms)
        {
            var isTrue = false;
            foreach (var (bin, cell) in cause)
                foreach (var incident in byCell[cell].Where(i => bin >= i.Bin && bin < i.Bin + FlowCity.IncidentBins))
                {
                    isTrue = true;
                    found[incident] = Math.Min(found.GetValueOrDefault(incident, int.MaxValue), bin);
                }
            if (isTrue) trueAlarms++;
        }
        foreach (var (incident, bin) in found) delays.Add((bin - incident.Bin + 1) * FlowMonitor.BinMinutes);
        var sizes = city.Incidents.GroupBy(i => i.Deviations).ToDictionary(g => g.Key, g => (g.Count(found.ContainsKey), g.Count()));
        return new(alarms.Count, trueAlarms, sizes, delays.Count == 0 ? null : delays.Average(), (alarms.Count - trueAlarms) / CellWeeks);
    }
}
