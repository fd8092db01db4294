namespace CitySafeSense.Hotspots;

/// <summary>How a monitor is stored, and its scratch laid out.</summary>
public sealed partial class FlowMonitor
{
    private const int Version = 1;

    public byte[] Encode() => StoredState.Encode(Version, writer =>
    {
        writer.Write(binMinutes);
        writer.Write(NextBin);
        writer.Write(cityRatio);
        writer.Write(hourBins);
        writer.Write(watched.Count);
        foreach (var cell in Cells) writer.Write(cell.Value);
        foreach (var cell in watched) cell.Write(writer);
        for (var i = 0; i < watched.Count; i++)
            foreach (var explanation in new[] { explanations[i], silences[i] })
            {
                writer.Write(explanation.Score);
                writer.Write(explanation.Bins);
                writer.Write(explanation.Observed);
                writer.Write(explanation.Expected);
            }
    });

    /// <exception cref="FormatException">The bytes are of an unknown version or cut off.</exception>
    public static FlowMonitor Decode(ReadOnlyMemory<byte> bytes) => StoredState.Decode(bytes, "a monitor's state", Version, (_, reader) =>
    {
        var monitor = new FlowMonitor([], reader.ReadInt32(), reader.ReadInt64()) { cityRatio = reader.ReadDouble(), hourBins = reader.ReadInt32() };
        CellId[] cells = [.. Enumerable.Range(0, reader.ReadInt32()).Select(_ => new CellId(reader.ReadUInt64()))];
        monitor.watched.AddRange(cells.Select(c => WatchedCell.Read(reader)));
        monitor.Lay(cells);
        for (var i = 0; i < cells.Length; i++)
            foreach (var into in new[] { monitor.explanations, monitor.silences })
                into[i] = new(reader.ReadDouble(), reader.ReadInt32(), reader.ReadDouble(), reader.ReadDouble());
        return monitor;
    });

    /// <summary>Everything that depends on which cells there are; what was scored before is kept.</summary>
    private void Lay(IReadOnlyList<CellId> cells)
    {
        zones = new ScanZones(cells, 2);
        around = [.. Enumerable.Range(0, cells.Count).Select(i => zones.Disk(i, 2)[1..].ToArray())];
        beside = SpatialWeights.WithinSteps(zones, 1);
        residuals = new double[cells.Count];
        Array.Resize(ref explanations, cells.Count);
        Array.Resize(ref silences, cells.Count);
        if (scores.Length == 0) scores = [.. Enum.GetValues<FlowDetector>().Select(_ => Array.Empty<double>())];
        for (var detector = 0; detector < scores.Length; detector++) Array.Resize(ref scores[detector], cells.Count);
    }
}
