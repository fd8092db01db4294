using System.Buffers.Binary;

namespace CitySafeSense.Sensing;

/// <summary>What became of a sequence number.</summary>
public enum SequenceVerdict
{
    /// <summary>Seen for the first time.</summary>
    Fresh,

    /// <summary>Already taken.</summary>
    Duplicate,

    /// <summary>So far behind that it can no longer be told from a duplicate.</summary>
    TooOld,

    /// <summary>From before the device's last restart.</summary>
    OldEpoch,

    /// <summary>More than can be told apart at once.</summary>
    TooMany,
}

/// <summary>
/// Which messages of one device have been taken: its boot epoch, its highest sequence and a bit for each of the 1,024 below,
/// so that messages may arrive again or out of order and still count once. Mutable; its owner persists it with what it admits.
/// </summary>
public sealed class SequenceWindow
{
    public const int Reach = 1024;
    public const int EncodedBytes = 16 + Reach / 8;
    private readonly ulong[] seen = new ulong[Reach / 64];
    private bool any;

    public ulong Epoch { get; private set; }

    /// <summary>The highest sequence taken in this epoch.</summary>
    public ulong Highest { get; private set; }

    /// <summary>Takes a sequence number if it is fresh. A higher epoch starts anew.</summary>
    public SequenceVerdict Take(ulong epoch, ulong sequence)
    {
        if (any && epoch < Epoch) return SequenceVerdict.OldEpoch;
        if (!any || epoch > Epoch)
        {
            any = true;
            Epoch = epoch;
            Array.Clear(seen);
            Highest = sequence;
        }
        else if (sequence > Highest)
        {
            // The ring's places between the old and the new highest now stand for numbers never seen.
            var steps = sequence - Highest;
            if (steps >= Reach) Array.Clear(seen);
            else
                for (var s = Highest + 1; s < sequence; s++) Mark(s, false);
            Highest = sequence;
        }
        else if (Highest - sequence >= Reach)
        {
            return SequenceVerdict.TooOld;
        }
        else if ((seen[Place(sequence)] >> (int)(sequence % 64) & 1) != 0)
        {
            return SequenceVerdict.Duplicate;
        }
        Mark(sequence, true);
        return SequenceVerdict.Fresh;
    }

    public byte[] Encode()
    {
        var bytes = new byte[EncodedBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Epoch);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), Highest);
        for (var i = 0; i < seen.Length; i++) BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(16 + 8 * i), seen[i]);
        return bytes;
    }

    /// <exception cref="FormatException">Not <see cref="EncodedBytes"/> long.</exception>
    public static SequenceWindow Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != EncodedBytes) throw new FormatException($"a sequence window has {EncodedBytes} bytes, not {bytes.Length}");
        var window = new SequenceWindow { any = true, Epoch = BinaryPrimitives.ReadUInt64LittleEndian(bytes), Highest = BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]) };
        for (var i = 0; i < window.seen.Length; i++) window.seen[i] = BinaryPrimitives.ReadUInt64LittleEndian(bytes[(16 + 8 * i)..]);
        return window;
    }

    private static int Place(ulong sequence) => (int)(sequence / 64 % (Reach / 64));

    private void Mark(ulong sequence, bool taken)
    {
        var bit = 1UL << (int)(sequence % 64);
        if (taken) seen[Place(sequence)] |= bit;
        else seen[Place(sequence)] &= ~bit;
    }
}
