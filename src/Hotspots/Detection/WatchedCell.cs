namespace CitySafeSense.Hotspots;

/// <summary>What a monitor remembers of one cell: its week, its detectors, the last bins and the last hours. Small, and stored as it is.</summary>
internal sealed class WatchedCell
{
    private const double Lambda = 0.3, Reference = 1, Delta = 0.5;

    public WatchedCell(FlowBaseline baseline) => Baseline = baseline;

    /// <summary>Beyond it CUSUM and Page-Hinkley alarm.</summary>
    public static double Decision => 5;

    public FlowBaseline Baseline { get; }

    /// <summary>Of the last bins, in a ring: what was seen, and what is usual; nothing of either where it is not known.</summary>
    public float[] Observed { get; } = new float[FlowMonitor.SpanMax];

    public float[] Expected { get; } = new float[FlowMonitor.SpanMax];

    /// <summary>Of the hour that is not over: what was seen in how many bins, and what was expected in this city today.</summary>
    public float HourObserved, HourExpected;

    public int HourHeard;

    /// <summary>Bins in a row of which nothing is shown though there usually is something, and what was expected in them.</summary>
    public int SilentBins;

    public float SilentExpected;

    public Ewma Ewma = new(Lambda, 1);
    public Cusum Cusum = new(Reference, Decision);
    public PageHinkley PageHinkley = new(Delta, Decision);

    /// <summary>Sums over <see cref="Observed"/> and <see cref="Expected"/>; made anew in each bin.</summary>
    public double HalfObserved, HalfExpected;

    /// <summary>Of the last hours, the newest last: counts, what was expected, and whether the cell lay in a hot (1) or cold (-1) place, with G*.</summary>
    public CellHours Hours { get; } = new();

    public void Hear(double people) => (HourObserved, HourHeard) = (HourObserved + (float)people, HourHeard + 1);

    public void Write(BinaryWriter writer)
    {
        Baseline.Write(writer);
        foreach (var value in Observed.Concat(Expected)) writer.Write(value);
        foreach (var value in new[] { HourObserved, HourExpected, SilentExpected }) writer.Write(value);
        writer.Write(SilentBins);
        writer.Write(HourHeard);
        Ewma.Write(writer);
        Cusum.Write(writer);
        PageHinkley.Write(writer);
        Hours.Write(writer);
    }

    public static WatchedCell Read(BinaryReader reader)
    {
        var cell = new WatchedCell(FlowBaseline.Read(reader));
        foreach (var ring in new[] { cell.Observed, cell.Expected })
            for (var i = 0; i < ring.Length; i++) ring[i] = reader.ReadSingle();
        (cell.HourObserved, cell.HourExpected, cell.SilentExpected) = (reader.ReadSingle(), reader.ReadSingle(), reader.ReadSingle());
        (cell.SilentBins, cell.HourHeard) = (reader.ReadInt32(), reader.ReadInt32());
        cell.Ewma = cell.Ewma.Read(reader);
        cell.Cusum = cell.Cusum.Read(reader);
        cell.PageHinkley = cell.PageHinkley.Read(reader);
        cell.Hours.Read(reader);
        return cell;
    }
}
