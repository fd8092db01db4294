namespace CitySafeSense.Hotspots;

/// <summary>A day of a cell's closed bins, oldest first. It is its bytes: what is stored and what is in memory are the same.</summary>
public sealed class CellHistory
{
    public const int BinsKept = 288;
    private const byte Version = 1;

    /// <summary>A byte of version, then the bins.</summary>
    private byte[] bytes = [Version];

    public IReadOnlyList<ClosedBin> Bins => Read();

    /// <summary>What is stored; not to be written to.</summary>
    public byte[] Bytes => bytes;

    /// <exception cref="FormatException">The bytes are of an unknown version or cut off.</exception>
    public static CellHistory Of(byte[] bytes)
    {
        if (bytes.Length == 0 || bytes[0] != Version) throw new FormatException($"a cell's history of version {(bytes.Length == 0 ? "nothing" : bytes[0])}; this build knows {Version}");
        if ((bytes.Length - 1) % ClosedBin.EncodedBytes != 0 || bytes.Length > 1 + BinsKept * ClosedBin.EncodedBytes) throw new FormatException("a cell's history is cut off");
        return new CellHistory { bytes = bytes };
    }

    /// <summary>Takes bins in by their time: one that is there already is replaced, so that closing it again changes nothing.</summary>
    public void Take(IEnumerable<ClosedBin> closed)
    {
        var kept = new SortedDictionary<long, ClosedBin>();
        foreach (var bin in Bins.Concat(closed)) kept[bin.StartUnixSeconds] = bin;
        using var stream = new MemoryStream(1 + BinsKept * ClosedBin.EncodedBytes);
        using var writer = new BinaryWriter(stream);
        writer.Write(Version);
        foreach (var bin in kept.Values.TakeLast(BinsKept)) bin.Write(writer);
        writer.Flush();
        bytes = stream.ToArray();
    }

    private List<ClosedBin> Read()
    {
        using var reader = new BinaryReader(new MemoryStream(bytes, 1, bytes.Length - 1));
        return [.. Enumerable.Range(0, (bytes.Length - 1) / ClosedBin.EncodedBytes).Select(_ => ClosedBin.Read(reader))];
    }
}
