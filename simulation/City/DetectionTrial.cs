using CitySafeSense.Hotspots;
using CitySafeSense.Numerics;
using CitySafeSense.Privacy;

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
    private readonly int[] placeOf;
    private readonly int[][] neighbours;
    private readonly Dictionary<FlowDetector, AlarmTrace> traces;

    /// <param name="places">What is watched: the city's cells, or coarser ones.</param>
    /// <param name="placeOf">In which of them each cell of the city lies.</param>
    private DetectionTrial(FlowCity city, IReadOnlyList<CellId> places, int[] placeOf, params FlowDetector[] detectors)
    {
        (this.city, this.placeOf) = (city, placeOf);
        var zones = new ScanZones(places, 1);
        neighbours = [.. Enumerable.Range(0, places.Count).Select(i => zones.Ring(i, 1).ToArray())];
        traces = detectors.ToDictionary(d => d, _ => new AlarmTrace(Floor, neighbours));
    }

    public IEnumerable<FlowDetector> Detectors => traces.Keys;

    public double CellWeeks => neighbours.Length * (city.Bins - city.WarmUpBins) / (7.0 * FlowCity.BinsPerDay);

    /// <param name="shown">The fewest people that are shown of a bin; fewer are unknown.</param>
    /// <param name="progress">Called with each day that is over.</param>
    public static DetectionTrial Run(FlowCity city, int shown = 0, Action<int>? progress = null)
    {
        var (trial, monitor) = (new DetectionTrial(city, city.Cells, [.. Enumerable.Range(0, city.Cells.Count)], Enum.GetValues<FlowDetector>()), new FlowMonitor(city.Cells));
        trial.Live((bin, counts) =>
        {
            for (var i = 0; shown > 0 && i < counts.Length; i++)
                if (counts[i] < shown) counts[i] = -1;
            monitor.Observe(counts, bin >= city.WarmUpBins - FlowMonitor.SpanMax, shown);
            if (bin >= city.WarmUpBins)
                foreach (var (detector, trace) in trial.traces) trace.Add(bin, monitor.Scores(detector));
        }, progress);
        return trial;
    }

    /// <summary>On what production shows at its best, where devices are counted in every hour: an hour's devices in a cell of resolution 8, with noise, or nothing.</summary>
    /// <param name="contributors">Nothing is shown of fewer.</param>
    public static DetectionTrial RunOnNoisyHours(FlowCity city, int contributors, Noise noise, Action<int>? progress = null)
    {
        const int Coarse = 8, BinsPerHour = 60 / FlowCity.BinMinutes, Stay = 2; // somebody stays for ten minutes, and is one device of that hour
        CellId[] places = [.. city.Cells.Select(c => c.Parent(Coarse)).Distinct()];
        var index = places.Select((p, i) => (p, i)).ToDictionary(p => p.p, p => p.i);
        var trial = new DetectionTrial(city, places, [.. city.Cells.Select(c => index[c.Parent(Coarse)])], Enum.GetValues<FlowDetector>());
        var release = GaussianRelease.Default with { Slots = ContributionTokens.HoursPerWeek };
        var (people, monitor, shown) = (new int[places.Length], new FlowMonitor(places, 60), (int)Math.Ceiling(release.Threshold(contributors)));
        trial.Live((bin, counts) =>
        {
            for (var i = 0; i < counts.Length; i++) people[trial.placeOf[i]] += counts[i];
            if ((bin + 1) % BinsPerHour != 0) return;
            for (var place = 0; place < places.Length; place++)
                people[place] = release.Release(people[place] / Stay, contributors, noise) is { } noisy ? (int)Math.Round(noisy) : -1;
            monitor.Observe(people, bin >= city.WarmUpBins - FlowMonitor.SpanMax * BinsPerHour, shown);
            if (bin >= city.WarmUpBins)
                foreach (var (detector, trace) in trial.traces) trace.Add(bin, monitor.Scores(detector));
            Array.Clear(people);
        }, progress);
        return trial;
    }

    public DetectionGrade Grade(FlowDetector detector, double threshold)
    {
        var (alarms, trueAlarms, found, delays) = (traces[detector].Alarms(threshold), 0, new Dictionary<FlowIncident, int>(), new List<double>());
        var byPlace = city.Incidents.SelectMany(i => neighbours[placeOf[i.Cell]].Prepend(placeOf[i.Cell]).Select(p => (Place: p, Incident: i))).ToLookup(p => p.Place, p => p.Incident);
        foreach (var cause in alarms)
        {
            var isTrue = false;
            foreach (var (bin, place) in cause)
                foreach (var incident in byPlace[place].Where(i => bin >= i.Bin && bin < i.Bin + FlowCity.IncidentBins))
                {
                    isTrue = true;
                    found[incident] = Math.Min(found.GetValueOrDefault(incident, int.MaxValue), bin);
                }
            if (isTrue) trueAlarms++;
        }
        foreach (var (incident, bin) in found) delays.Add((bin - incident.Bin + 1) * FlowCity.BinMinutes);
        var sizes = city.Incidents.GroupBy(i => i.Deviations).ToDictionary(g => g.Key, g => (g.Count(found.ContainsKey), g.Count()));
        return new(alarms.Count, trueAlarms, sizes, delays.Count == 0 ? null : delays.Average(), (alarms.Count - trueAlarms) / CellWeeks);
    }

    /// <summary>The lowest threshold at which trials together have no more than so many false alarms per cell and week.</summary>
    public static double ThresholdFor(IReadOnlyList<DetectionTrial> trials, FlowDetector detector, double falseAlarms)
    {
        var (low, high) = (Floor, 10_000.0); // sums without an end grow far
        while (high - low > 1e-4)
        {
            var middle = (low + high) / 2;
            if (trials.Average(t => t.Grade(detector, middle).FalseAlarmsPerCellWeek) > falseAlarms) low = middle;
            else high = middle;
        }
        return Math.Round(high, 3);
    }

    private void Live(Action<int, int[]> each, Action<int>? progress)
    {
        var counts = new int[city.Cells.Count];
        for (var bin = 0; bin < city.Bins; bin++)
        {
            city.Next(bin, counts);
            each(bin, counts);
            if ((bin + 1) % FlowCity.BinsPerDay == 0) progress?.Invoke((bin + 1) / FlowCity.BinsPerDay);
        }
    }
}
