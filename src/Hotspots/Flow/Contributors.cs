namespace CitySafeSense.Hotspots;

/// <summary>Who contributed to an open bin, by pseudonyms: told apart up to 64, beyond that only how many there were, by a sketch.</summary>
public sealed class Contributors
{
    public const int ToldApart = 64, Precision = 10;
    private readonly SortedSet<ulong> known = [];
    private HyperLogLog? sketch;

    /// <summary>Each of them, while they are few; nothing once they are more than can be told apart.</summary>
    public IReadOnlyCollection<ulong> Known => sketch is null ? known : [];

    /// <summary>How many: exact up to 64.</summary>
    public ushort Count => (ushort)Math.Min(ushort.MaxValue, sketch is null ? known.Count : Math.Max(ToldApart + 1, Math.Round(sketch.Estimate())));

    public void Add(ulong pseudonym)
    {
        if (sketch is null && known.Count < ToldApart)
        {
            known.Add(pseudonym);
            return;
        }
        if (sketch is null && known.Contains(pseudonym)) return;
        Sketch().Add(pseudonym);
    }

    public void Merge(Contributors other)
    {
        if (other.sketch is { } theirs) Sketch().Merge(theirs);
        else foreach (var pseudonym in other.known) Add(pseudonym);
    }

    internal void Write(BinaryWriter writer)
    {
        writer.Write(sketch is null ? (byte)known.Count : byte.MaxValue);
        if (sketch is { } many) writer.Write(many.Packed);
        else foreach (var pseudonym in known) writer.Write(pseudonym);
    }

    internal static Contributors Read(BinaryReader reader)
    {
        var (contributors, count) = (new Contributors(), reader.ReadByte());
        if (count == byte.MaxValue) contributors.sketch = HyperLogLog.Decode(Precision, reader.ReadBytes(HyperLogLog.BytesOf(Precision)));
        else if (count > ToldApart) throw new FormatException($"{count} contributors; at most {ToldApart} are told apart");
        else for (var i = 0; i < count; i++) contributors.known.Add(reader.ReadUInt64());
        return contributors;
    }

    private HyperLogLog Sketch()
    {
        if (sketch is not null) return sketch;
        sketch = new HyperLogLog(Precision);
        foreach (var pseudonym in known) sketch.Add(pseudonym);
        known.Clear();
        return sketch;
    }
}
