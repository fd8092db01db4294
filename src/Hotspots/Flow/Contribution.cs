using System.Buffers.Binary;
using CitySafeSense.Sensing;

namespace CitySafeSense.Hotspots;

/// <summary>What one window adds to a cell. No device, no position finer than the cell, no signal.</summary>
/// <param name="Activity">Null where no trained model has looked at the window yet: it still counts as presence and movement.</param>
/// <param name="Contributor">A pseudonym made for this bin alone; it tells two contributors apart and is forgotten when the bin closes.</param>
/// <param name="CountsInSlot">The device's first admitted contribution to its (coarse cell, hour) slot: one device, one count.</param>
public readonly record struct Contribution(
    long UnixSeconds, ActivityClass? Activity, float Probability, VelocityChange VelocityChange, ulong Contributor, bool CountsInSlot)
{
    public const int EncodedBytes = 32;
    private const byte Unclassified = 255;

    public byte[] Encode()
    {
        var bytes = new byte[EncodedBytes];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, UnixSeconds);
        bytes[8] = Activity is { } activity ? (byte)activity : Unclassified;
        bytes[9] = CountsInSlot ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(12), Probability);
        BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(16), VelocityChange.EastMetresPerSecond);
        BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(20), VelocityChange.NorthMetresPerSecond);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(24), Contributor);
        return bytes;
    }

    /// <exception cref="FormatException">Not a contribution.</exception>
    public static Contribution Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != EncodedBytes || bytes[8] is >= ActivityClasses.Count and not Unclassified)
            throw new FormatException($"a contribution has {EncodedBytes} bytes and a known class");
        return new(
            BinaryPrimitives.ReadInt64LittleEndian(bytes),
            bytes[8] == Unclassified ? null : (ActivityClass)bytes[8],
            BinaryPrimitives.ReadSingleLittleEndian(bytes[12..]),
            new(BinaryPrimitives.ReadSingleLittleEndian(bytes[16..]), BinaryPrimitives.ReadSingleLittleEndian(bytes[20..])),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]),
            bytes[9] == 1);
    }
}
