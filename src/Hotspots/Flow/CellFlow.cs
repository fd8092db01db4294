namespace CitySafeSense.Hotspots;

/// <summary>A closed bin that the region has not stored yet, with its contributors' pseudonyms where they are few: it may have to merge small cells.</summary>
public sealed record PendingBin(ClosedBin Bin, IReadOnlyCollection<ulong> Pseudonyms);

/// <summary>
/// What a cell is counting: open bins, closed ones until the region has them, and up to which offset of each ingest partition it has counted.
/// Offset and counts are written together, so a push that comes again changes nothing. What is closed goes to <see cref="CellHistory"/> first.
/// </summary>
public sealed partial class CellFlow
{
    private const int Version = 2;
    private readonly SortedDictionary<int, long> lastOffset = [];
    private readonly SortedDictionary<long, FlowBin> open = [];
    private readonly SortedDictionary<long, PendingBin> pending = [];
    private long closedThrough = long.MinValue;

    /// <summary>Contributions counted since the cell began.</summary>
    public long Counted { get; private set; }

    /// <summary>Contributions that came after their bin had closed; they are in no bin.</summary>
    public long Late { get; private set; }

    public IReadOnlyCollection<FlowBin> Open => open.Values;

    /// <summary>Closed bins that an earlier version stored here; they belong to the history.</summary>
    public IReadOnlyList<ClosedBin> Inherited { get; private set; } = [];

    /// <summary>Adds what a partition pushes, in the order of its offsets; what was counted before is passed over.</summary>
    /// <returns>True if anything changed and must be written, and bins that had to be closed to make room.</returns>
    public (bool Changed, IReadOnlyList<ClosedBin> Closed) Apply(int partition, IEnumerable<(long Offset, FlowRow Row)> rows, BinClock clock)
    {
        var last = lastOffset.GetValueOrDefault(partition, -1);
        var before = last;
        foreach (var (offset, row) in rows)
        {
            if (offset <= last) continue;
            last = offset;
            var start = clock.StartOf(row.UnixSeconds);
            var contributes = row is Contribution ? 1 : 0;
            if (start <= closedThrough)
            {
                Late += contributes;
                continue;
            }
            if (!open.TryGetValue(start, out var bin)) open[start] = bin = new FlowBin(start);
            bin.Add(row);
            Counted += contributes;
        }
        lastOffset[partition] = last;
        return (last != before, MakeRoom(clock.BinsInHand));
    }

    /// <summary>Closes what is due by the clock.</summary>
    /// <param name="confirmedThrough">Start of the last bin the region has stored: those up to it are forgotten here.</param>
    /// <returns>The bins that closed now, and whether the state changed.</returns>
    public (IReadOnlyList<ClosedBin> Closed, bool Changed) Close(long nowUnixSeconds, long confirmedThrough, BinClock clock)
    {
        long[] due = [.. open.Keys.Where(s => clock.IsClosed(s, nowUnixSeconds))], confirmed = [.. pending.Keys.Where(s => s <= confirmedThrough)];
        ClosedBin[] closed = [.. due.Select(s => Close(open[s]))];
        foreach (var start in confirmed) pending.Remove(start);
        // Every bin up to here is closed, also those nothing was ever added to; what comes for them is late.
        var moved = clock.LastClosed(nowUnixSeconds) > closedThrough;
        if (moved) closedThrough = clock.LastClosed(nowUnixSeconds);
        return (closed, closed.Length > 0 || confirmed.Length > 0 || moved);
    }

    /// <summary>Closed bins after the one that the region has stored.</summary>
    public IReadOnlyList<PendingBin> Unconfirmed(long confirmedThrough) => [.. pending.Values.Where(p => p.Bin.StartUnixSeconds > confirmedThrough)];

    public byte[] Encode() => StoredState.Encode(Version, writer =>
    {
        writer.Write(Counted);
        writer.Write(Late);
        writer.Write(closedThrough);
        writer.Write(lastOffset.Count);
        foreach (var (partition, offset) in lastOffset)
        {
            writer.Write(partition);
            writer.Write(offset);
        }
        writer.Write(open.Count);
        foreach (var bin in open.Values) bin.Write(writer);
        writer.Write(pending.Count);
        foreach (var (bin, pseudonyms) in pending.Values)
        {
            bin.Write(writer);
            writer.Write((byte)pseudonyms.Count);
            foreach (var pseudonym in pseudonyms) writer.Write(pseudonym);
        }
    });

    /// <exception cref="FormatException">The bytes are of an unknown version or cut off.</exception>
    public static CellFlow Decode(ReadOnlyMemory<byte> bytes) => StoredState.Decode(bytes, "cell state", Version, Read, oldest: 1);

    private static CellFlow Read(int version, BinaryReader reader)
    {
        var flow = new CellFlow { Counted = reader.ReadInt64(), Late = reader.ReadInt64(), closedThrough = reader.ReadInt64() };
        for (var n = reader.ReadInt32(); n > 0; n--) flow.lastOffset[reader.ReadInt32()] = reader.ReadInt64();
        if (version == 1)
        {
            flow.ReadVersion1(reader);
            return flow;
        }
        for (var n = reader.ReadInt32(); n > 0; n--)
        {
            var bin = FlowBin.Read(reader);
            flow.open[bin.StartUnixSeconds] = bin;
        }
        for (var n = reader.ReadInt32(); n > 0; n--)
        {
            var bin = ClosedBin.Read(reader);
            flow.pending[bin.StartUnixSeconds] = new(bin, [.. Enumerable.Range(0, reader.ReadByte()).Select(_ => reader.ReadUInt64())]);
        }
        return flow;
    }

    private ClosedBin Close(FlowBin bin)
    {
        var closed = bin.Close();
        open.Remove(bin.StartUnixSeconds);
        pending[bin.StartUnixSeconds] = new(closed, [.. bin.Pseudonyms]);
        return closed;
    }

    /// <summary>Should the region be away for long, the oldest bins go to the history, and are never released.</summary>
    private List<ClosedBin> MakeRoom(int binsInHand)
    {
        var closed = new List<ClosedBin>();
        while (open.Count + pending.Count > binsInHand)
        {
            if (pending.Count == 0)
            {
                closedThrough = Math.Max(closedThrough, open.Keys.First());
                closed.Add(Close(open.Values.First()));
            }
            pending.Remove(pending.Keys.First());
        }
        return closed;
    }
}
