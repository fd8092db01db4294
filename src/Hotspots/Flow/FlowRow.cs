using System.Buffers.Binary;
using CitySafeSense.Sensing;

namespace CitySafeSense.Hotspots;

/// <summary>What a row of the log tells a cell. No device, no position finer than the cell, no signal.</summary>
public abstract record FlowRow(long UnixSeconds)
{
    public const int EncodedBytes = 32;
    private protected const byte Unclassified = 255, Left = 254;

    public abstract byte[] Encode();

    /// <exception cref="FormatException">Not a row of a cell.</exception>
    public static FlowRow Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != EncodedBytes || bytes[8] is >= ActivityClasses.Counted and not (Unclassified or Left) || bytes[10] > Side.Count || (bytes[8] == Left && bytes[10] == 0))
            throw new FormatException($"a row of a cell has {EncodedBytes} bytes, a known class and a side of the cell");
        var seconds = BinaryPrimitives.ReadInt64LittleEndian(bytes);
        int? side = bytes[10] == 0 ? null : bytes[10] - 1;
        if (bytes[8] == Left) return new Departure(seconds, side!.Value, BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]));
        return new Contribution(
            seconds,
            bytes[8] == Unclassified ? null : (ActivityClass)bytes[8],
            BinaryPrimitives.ReadSingleLittleEndian(bytes[12..]),
            new(BinaryPrimitives.ReadSingleLittleEndian(bytes[16..]), BinaryPrimitives.ReadSingleLittleEndian(bytes[20..])),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]),
            bytes[9] == 1,
            side);
    }
}

/// <summary>What one window adds to a cell.</summary>
/// <param name="Activity">Null where no trained model has looked at the window yet: it still counts as presence and movement.</param>
/// <param name="Contributor">A pseudonym made for this bin alone; it tells two contributors apart and is forgotten when the bin closes.</param>
/// <param name="CountsInSlot">The contributor's first admitted contribution to its (coarse cell, hour) slot: one device, one count.</param>
/// <param name="CameFrom">The <see cref="Side"/> on which it came in, if it came just now.</param>
public sealed record Contribution(
    long UnixSeconds, ActivityClass? Activity, float Probability, VelocityChange VelocityChange, ulong Contributor, bool CountsInSlot, int? CameFrom = null) : FlowRow(UnixSeconds)
{
    public override byte[] Encode()
    {
        var bytes = new byte[EncodedBytes];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, UnixSeconds);
        bytes[8] = Activity is { } activity ? (byte)activity : Unclassified;
        bytes[9] = CountsInSlot ? (byte)1 : (byte)0;
        bytes[10] = (byte)(CameFrom + 1 ?? 0);
        BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(12), Probability);
        BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(16), VelocityChange.EastMetresPerSecond);
        BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(20), VelocityChange.NorthMetresPerSecond);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(24), Contributor);
        return bytes;
    }
}

/// <summary>Somebody who was in the cell has been heard in another.</summary>
/// <param name="WentTo">The <see cref="Side"/> on which it went out.</param>
public sealed record Departure(long UnixSeconds, int WentTo, int StayedSeconds) : FlowRow(UnixSeconds)
{
    public override byte[] Encode()
    {
        var bytes = new byte[EncodedBytes];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, UnixSeconds);
        (bytes[8], bytes[10]) = (Left, (byte)(WentTo + 1));
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), StayedSeconds);
        return bytes;
    }
}
