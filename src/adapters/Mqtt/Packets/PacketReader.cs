using System.Buffers.Binary;
using System.Text;

namespace CitySafeSense.Mqtt.Packets;

/// <summary>Reads the fields of one packet; what goes beyond its end is remembered instead of thrown, and reads as zero.</summary>
internal ref struct PacketReader(ReadOnlySpan<byte> bytes)
{
    private static readonly UTF8Encoding strict = new(false, true);
    private ReadOnlySpan<byte> left = bytes;

    /// <summary>Whether anything was asked for that is not there, or is not what it should be.</summary>
    public bool IsBroken { get; private set; }

    public readonly bool AtEnd => left.IsEmpty;

    public byte Byte()
    {
        var taken = Take(1);
        return IsBroken ? (byte)0 : taken[0];
    }

    /// <summary>Specification 1.5.2.</summary>
    public ushort UInt16()
    {
        var taken = Take(2);
        return IsBroken ? (ushort)0 : BinaryPrimitives.ReadUInt16BigEndian(taken);
    }

    /// <summary>Specification 1.5.3.</summary>
    public uint UInt32()
    {
        var taken = Take(4);
        return IsBroken ? 0 : BinaryPrimitives.ReadUInt32BigEndian(taken);
    }

    /// <summary>Specification 1.5.5: at most four bytes, in the shortest form.</summary>
    public int VariableInteger()
    {
        switch (VariableIntegers.Read(left, out var value, out var length))
        {
            case VariableIntegerState.Whole:
                left = left[length..];
                return value;
            default:
                Break();
                return 0;
        }
    }

    /// <summary>Specification 1.5.6.</summary>
    public ReadOnlySpan<byte> Binary() => Take(UInt16());

    /// <summary>Specification 1.5.4: well-formed UTF-8 without NUL.</summary>
    public string Text()
    {
        var taken = Take(UInt16());
        if (IsBroken || taken.Contains((byte)0))
        {
            Break();
            return "";
        }
        try
        {
            return strict.GetString(taken);
        }
        catch (DecoderFallbackException)
        {
            Break();
            return "";
        }
    }

    public ReadOnlySpan<byte> Rest() => Take(left.Length);

    public ReadOnlySpan<byte> Take(int count)
    {
        if (IsBroken || count > left.Length)
        {
            Break();
            return default;
        }
        var taken = left[..count];
        left = left[count..];
        return taken;
    }

    public void Break()
    {
        IsBroken = true;
        left = default;
    }
}
