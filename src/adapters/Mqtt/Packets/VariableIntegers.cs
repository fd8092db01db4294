namespace CitySafeSense.Mqtt.Packets;

internal enum VariableIntegerState
{
    Whole,
    NeedsMore,
    Malformed,
}

/// <summary>Seven bits a byte, least significant first, at most four bytes (specification 1.5.5).</summary>
internal static class VariableIntegers
{
    public const int Max = 268_435_455;

    public static VariableIntegerState Read(ReadOnlySpan<byte> from, out int value, out int length)
    {
        (value, length) = (0, 0);
        for (var shift = 0; shift <= 21; shift += 7)
        {
            if (length == from.Length) return VariableIntegerState.NeedsMore;
            var next = from[length++];
            value |= (next & 0x7F) << shift;
            if (next < 0x80) return next == 0 && length > 1 ? VariableIntegerState.Malformed : VariableIntegerState.Whole;
        }
        return VariableIntegerState.Malformed;
    }

    public static int LengthOf(int value) => value switch { < 128 => 1, < 16_384 => 2, < 2_097_152 => 3, _ => 4 };

    public static int Write(Span<byte> into, int value)
    {
        var length = 0;
        for (; value >= 0x80; value >>= 7) into[length++] = (byte)(value | 0x80);
        into[length++] = (byte)value;
        return length;
    }
}
