using System.Buffers.Binary;

namespace CitySafeSense.Sensing;

/// <summary>
/// Which events of a device were taken, by what identifies one: its time and its word. Bounded: what is older than any bin that is
/// still open is forgotten, for it would be refused as late.
/// </summary>
public sealed class EventMemory
{
    /// <summary>Events of one device whose bins may be open at once; one more is refused.</summary>
    public const int Capacity = 512;

    private const int EntryBytes = 16;
    private readonly List<(ulong Key, long UnixSeconds)> taken = [];

    public int EncodedBytes => taken.Count * EntryBytes;

    /// <param name="key">Of time and word; see <see cref="KeyOf"/>.</param>
    /// <param name="oldestUnixSeconds">What is older would be refused before it came here.</param>
    public SequenceVerdict Take(ulong key, long unixSeconds, long oldestUnixSeconds)
    {
        if (taken.Exists(t => t.Key == key)) return SequenceVerdict.Duplicate;
        if (taken.Count >= Capacity) taken.RemoveAll(t => t.UnixSeconds < oldestUnixSeconds);
        if (taken.Count >= Capacity) return SequenceVerdict.TooMany;
        taken.Add((key, unixSeconds));
        return SequenceVerdict.Fresh;
    }

    /// <summary>64 bits of the time and the class, never 0; apart for every pair that a device can say within an age.</summary>
    public static ulong KeyOf(long unixMilliseconds, ActivityClass activity) => ((ulong)unixMilliseconds << 8 | (byte)activity) + 1;

    public void Write(Span<byte> into)
    {
        for (var i = 0; i < taken.Count; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(into[(i * EntryBytes)..], taken[i].Key);
            BinaryPrimitives.WriteInt64LittleEndian(into[(i * EntryBytes + 8)..], taken[i].UnixSeconds);
        }
    }

    /// <exception cref="FormatException">No whole number of entries.</exception>
    public static EventMemory Read(ReadOnlySpan<byte> from)
    {
        if (from.Length % EntryBytes != 0) throw new FormatException($"{from.Length} bytes are no whole events of {EntryBytes}");
        var memory = new EventMemory();
        for (; !from.IsEmpty; from = from[EntryBytes..]) memory.taken.Add((BinaryPrimitives.ReadUInt64LittleEndian(from), BinaryPrimitives.ReadInt64LittleEndian(from[8..])));
        return memory;
    }
}
