namespace CitySafeSense.Hotspots;

/// <summary>When bins open and close.</summary>
public sealed record BinClock(int BinSeconds, int LatenessSeconds)
{
    public long StartOf(long unixSeconds) => unixSeconds - Mod(unixSeconds, BinSeconds);

    /// <summary>Nothing is added to a bin once this is true.</summary>
    public bool IsClosed(long binStart, long nowUnixSeconds) => nowUnixSeconds >= binStart + BinSeconds + LatenessSeconds;

    private static long Mod(long value, long divisor) => (value % divisor + divisor) % divisor;
}

/// <summary>
/// The whole state of a cell: open bins, a day of closed ones, and up to which offset of each ingest partition it has counted.
/// Offset and counts are written together, so a push that comes again changes nothing.
/// </summary>
public sealed class CellFlow
{
    public const int ClosedBinsKept = 288;
    private const int Version = 1;
    private readonly SortedDictionary<int, long> lastOffset = [];
    private readonly SortedDictionary<long, FlowBin> open = [];
    private readonly SortedDictionary<long, FlowBin> unconfirmed = [];
    private readonly Queue<ClosedBin> closed = new();
    private long closedThrough = long.MinValue;

    /// <summary>Contributions counted since the cell began.</summary>
    public long Counted { get; private set; }

    /// <summary>Contributions that came after their bin had closed; they are in no bin.</summary>
    public long Late { get; private set; }

    public IReadOnlyCollection<FlowBin> Open => open.Values;
    public IReadOnlyCollection<ClosedBin> Closed => closed;

    /// <summary>Adds what a partition pushes, in the order of its offsets; what was counted before is passed over.</summary>
    /// <returns>True if anything changed and must be written.</returns>
    public bool Apply(int partition, IEnumerable<(long Offset, Contribution Contribution)> rows, BinClock clock)
    {
        var last = lastOffset.GetValueOrDefault(partition, -1);
        var before = last;
        foreach (var (offset, contribution) in rows)
        {
            if (offset <= last) continue;
            last = offset;
            var start = clock.StartOf(contribution.UnixSeconds);
            if (start <= closedThrough)
            {
                Late++;
                continue;
            }
            if (!open.TryGetValue(start, out var bin)) open[start] = bin = new FlowBin(start);
            bin.Add(contribution);
            Counted++;
        }
        lastOffset[partition] = last;
        return last != before;
    }

    /// <summary>Closes what is due and answers every closed bin that the region has not confirmed, with its contributors: the region needs them once, to merge small cells.</summary>
    /// <param name="confirmedThrough">Start of the last bin the region has stored.</param>
    /// <returns>The bins, and whether the state changed.</returns>
    public (IReadOnlyList<FlowBin> Bins, bool Changed) Close(long nowUnixSeconds, long confirmedThrough, BinClock clock)
    {
        var changed = false;
        foreach (var start in open.Keys.Where(s => clock.IsClosed(s, nowUnixSeconds)).ToArray())
        {
            unconfirmed[start] = open[start];
            closed.Enqueue(open[start].Close());
            while (closed.Count > ClosedBinsKept) closed.Dequeue();
            open.Remove(start);
            changed = true;
        }
        // Every bin up to here is closed, also those nothing was ever added to; what comes for them is late.
        var newest = clock.StartOf(nowUnixSeconds - clock.BinSeconds - clock.LatenessSeconds);
        if (newest > closedThrough && clock.IsClosed(newest, nowUnixSeconds))
        {
            closedThrough = newest;
            changed = true;
        }
        foreach (var start in unconfirmed.Keys.Where(s => s <= confirmedThrough).ToArray())
        {
            unconfirmed.Remove(start);
            changed = true;
        }
        return ([.. unconfirmed.Values], changed);
    }

    public byte[] Encode()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(Version);
        writer.Write(Counted);
        writer.Write(Late);
        writer.Write(closedThrough);
        writer.Write(lastOffset.Count);
        foreach (var (partition, offset) in lastOffset)
        {
            writer.Write(partition);
            writer.Write(offset);
        }
        foreach (var bins in new[] { open, unconfirmed })
        {
            writer.Write(bins.Count);
            foreach (var bin in bins.Values) bin.Write(writer);
        }
        writer.Write(closed.Count);
        foreach (var bin in closed) bin.Write(writer);
        writer.Flush();
        return stream.ToArray();
    }

    /// <exception cref="FormatException">The bytes are of an unknown version or cut off.</exception>
    public static CellFlow Decode(ReadOnlyMemory<byte> bytes)
    {
        var flow = new CellFlow();
        using var reader = new BinaryReader(new MemoryStream(bytes.ToArray()));
        try
        {
            if (reader.ReadInt32() is var version && version != Version) throw new FormatException($"cell state of version {version}; this build knows {Version}");
            flow.Counted = reader.ReadInt64();
            flow.Late = reader.ReadInt64();
            flow.closedThrough = reader.ReadInt64();
            for (var n = reader.ReadInt32(); n > 0; n--) flow.lastOffset[reader.ReadInt32()] = reader.ReadInt64();
            foreach (var bins in new[] { flow.open, flow.unconfirmed })
            {
                for (var n = reader.ReadInt32(); n > 0; n--)
                {
                    var bin = FlowBin.Read(reader);
                    bins[bin.StartUnixSeconds] = bin;
                }
            }
            for (var n = reader.ReadInt32(); n > 0; n--) flow.closed.Enqueue(ClosedBin.Read(reader));
        }
        catch (EndOfStreamException e)
        {
            throw new FormatException("cell state is cut off", e);
        }
        return flow;
    }
}
