namespace CitySafeSense.Hotspots;

/// <summary>
/// What is out of the ordinary in a city, from nothing but what was released of it: bin by bin it learns each cell's week and says how far the
/// cells lie from it, and why. A bin without anything at all is unknown: then it is this city's ears that are shut. Pure: the same releases give the same answers.
/// </summary>
public sealed class HotspotWatch
{
    /// <summary>Cells that are watched; what is released of more is shown, and not judged.</summary>
    public const int CellsMax = 20_000;

    /// <summary>An incident score from which on it has lasted.</summary>
    private const double Notable = 2;

    private const int Version = 1;

    /// <summary>From the Unix epoch, a Thursday, to the first Monday.</summary>
    private const long FirstMonday = 4 * 24 * 3600;

    private readonly FlowMonitor monitor;
    private readonly Dictionary<CellId, int> places = [];
    private readonly Dictionary<CellId, (ReleasedFlow Flow, int Bins)> incidents = [];
    private readonly int binSeconds, shown;

    /// <param name="binSeconds">Whole minutes that divide an hour.</param>
    /// <param name="shown">The fewest that are shown.</param>
    public HotspotWatch(int binSeconds, int shown, long firstBinUnixSeconds)
        : this(binSeconds, shown, new FlowMonitor([], BinMinutesOf(binSeconds), (firstBinUnixSeconds - FirstMonday) / binSeconds))
    {
    }

    private HotspotWatch(int binSeconds, int shown, FlowMonitor monitor)
    {
        (this.binSeconds, this.shown, this.monitor) = (binSeconds, shown, monitor);
        for (var i = 0; i < monitor.Cells.Count; i++) places[monitor.Cells[i]] = i;
    }

    /// <summary>Start of the bin it waits for.</summary>
    public long NextUnixSeconds => monitor.NextBin * binSeconds + FirstMonday;

    public IReadOnlyList<CellId> Cells => monitor.Cells;

    /// <summary>Whether bins of this length can be watched; shorter or odd ones have no place in an hour.</summary>
    public static bool CanWatch(int binSeconds) => binSeconds % 60 == 0 && 3600 % binSeconds == 0;

    /// <summary>Takes in what was released of the next bin, of every cell of which anything was.</summary>
    /// <exception cref="ArgumentException">The bin is over already, or starts between two.</exception>
    public void Take(long binUnixSeconds, IReadOnlyCollection<ReleasedFlow> released)
    {
        var bin = Math.DivRem(binUnixSeconds - FirstMonday, binSeconds, out var rest);
        if (rest != 0 || bin < monitor.NextBin) throw new ArgumentException($"a bin of {binUnixSeconds} is not after {NextUnixSeconds - binSeconds}");
        if (bin - monitor.NextBin > FlowMonitor.SpanMax) monitor.SkipTo(bin);
        var unknown = new int[monitor.Cells.Count];
        Array.Fill(unknown, -1);
        while (monitor.NextBin < bin) monitor.Observe(unknown, detects: true); // nobody counted: that is no silence
        CellId[] newcomers = [.. released.Select(r => r.Cell).Where(c => !places.ContainsKey(c)).Distinct().Take(CellsMax - places.Count)];
        foreach (var cell in newcomers) places[cell] = places.Count;
        if (newcomers.Length > 0) monitor.Extend(newcomers);
        var counts = new int[monitor.Cells.Count];
        Array.Fill(counts, -1);
        foreach (var flow in released)
            if (places.TryGetValue(flow.Cell, out var place)) counts[place] = Math.Max(0, flow.People);
        monitor.Observe(counts, detects: true, released.Count == 0 ? 0 : shown); // of a bin without anything at all nothing is known
        Remember(released);
    }

    /// <summary>All that is more or less out of the ordinary, the most extraordinary first; of a cell the first is what it is judged by.</summary>
    public IReadOnlyList<CellAnomaly> Anomalies() => [.. places.Keys.SelectMany(Judge).OrderByDescending(a => a.Score).ThenBy(a => a.Cell)];

    /// <summary>Clusters in space and time over the last hours: the prospective scan statistic, on what was released. Takes seconds.</summary>
    /// <param name="radius">Of the largest disk, in steps.</param>
    /// <returns>Work that knows all it needs: it may run elsewhere while bins go on.</returns>
    public Func<IReadOnlyList<ScanCluster>> Scan(int radius, int replications, ulong seed, int clustersMax)
    {
        int[] grown = [.. Enumerable.Range(0, monitor.Cells.Count).Where(i => monitor.HoursOf(i).Count == CellHours.Kept)];
        CellId[] cells = [.. grown.Select(i => monitor.Cells[i])];
        int[] cases = [.. grown.SelectMany(i => monitor.HoursOf(i).Counts.ToArray()).Select(c => (int)c)];
        double[] expected = [.. grown.SelectMany(i => monitor.HoursOf(i).Expected.ToArray()).Select(e => (double)e)];
        return () => cells.Length == 0 || expected.Sum() <= 0 ? [] : new SpaceTimeScan(new ScanZones(cells, radius), CellHours.Kept).Run(cases, expected, ScanModel.Poisson, replications, seed, clustersMax);
    }

    public byte[] Encode() => StoredState.Encode(Version, writer =>
    {
        writer.Write(incidents.Count);
        foreach (var (cell, (flow, bins)) in incidents.OrderBy(i => i.Key))
        {
            writer.Write(cell.Value);
            writer.Write(flow.People);
            writer.Write(flow.IncidentWindows);
            writer.Write(flow.ExpectedIncidentWindows);
            writer.Write(flow.IncidentScore);
            writer.Write(bins);
        }
        writer.Write(monitor.Encode());
    });

    /// <exception cref="FormatException">The bytes are of an unknown version or cut off.</exception>
    public static HotspotWatch Decode(ReadOnlyMemory<byte> bytes, int binSeconds, int shown) => StoredState.Decode(bytes, "a watch's state", Version, (_, reader) =>
    {
        var incidents = new List<(ReleasedFlow, int)>();
        for (var n = reader.ReadInt32(); n > 0; n--)
            incidents.Add((new ReleasedFlow(new(reader.ReadUInt64()), reader.ReadInt32(), reader.ReadInt32(), reader.ReadDouble(), reader.ReadDouble()), reader.ReadInt32()));
        var watch = new HotspotWatch(binSeconds, shown, FlowMonitor.Decode(bytes[(int)reader.BaseStream.Position..]));
        foreach (var (flow, bins) in incidents) watch.incidents[flow.Cell] = (flow, bins);
        return watch;
    });

    private static int BinMinutesOf(int binSeconds) => CanWatch(binSeconds) ? binSeconds / 60 : throw new ArgumentException($"bins of {binSeconds} s cannot be watched: whole minutes that divide an hour can");

    private void Remember(IReadOnlyCollection<ReleasedFlow> released)
    {
        var before = new Dictionary<CellId, (ReleasedFlow Flow, int Bins)>(incidents);
        incidents.Clear();
        foreach (var flow in released.Where(f => f.IncidentScore > 0 && places.ContainsKey(f.Cell)))
            incidents[flow.Cell] = (flow, before.TryGetValue(flow.Cell, out var last) && last.Flow.IncidentScore >= Notable ? last.Bins + 1 : 1);
    }

    private IEnumerable<CellAnomaly> Judge(CellId cell)
    {
        var (place, last) = (places[cell], monitor.NextBin - 1);
        var why = new List<(AnomalyKind Kind, FlowExplanation Why)>();
        if (incidents.TryGetValue(cell, out var harm))
            why.Add((AnomalyKind.Incidents, new(harm.Flow.IncidentScore, harm.Bins, harm.Flow.IncidentWindows, harm.Flow.ExpectedIncidentWindows)));
        if (monitor.Knows(place, last)) why.AddRange([(AnomalyKind.Crowd, monitor.Explain(place)), (AnomalyKind.Silence, monitor.Silence(place))]);
        var hours = monitor.HoursOf(place);
        var emerging = EmergingHotspot.Classify(hours.Z, hours.Standing);
        return why.Where(w => w.Why.Score > 0).Select(w => new CellAnomaly(
            cell, w.Kind, w.Why.Score, w.Why.Observed, w.Why.Expected, NextUnixSeconds - binSeconds * (long)Math.Max(1, w.Why.Bins), emerging));
    }
}
