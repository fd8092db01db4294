using System.Buffers.Binary;
using System.Text;

namespace CitySafeSense.Sensing;

/// <summary>What travels with a window. The cell is made on the device, at H3 resolution 9 or coarser; no finer position ever leaves it.</summary>
/// <param name="Epoch">The device's boot id; sequences start again with it.</param>
/// <param name="PositionQuality">0 unknown, 1 held from an earlier fix, 2 fixed.</param>
/// <param name="Label">What the generator or the recording knows to be true: an index into the classes the population learns. Simulation only.</param>
public sealed record WindowHeader(
    string Device, ulong Epoch, ulong Sequence, long DeviceTimeMilliseconds, ulong Cell, byte PositionQuality, byte? Label);

/// <summary>Why a frame was not taken. The names are what dead letters and metrics say.</summary>
public enum FrameRejection
{
    None,
    Truncated,
    TooLong,
    BadMagic,
    UnsupportedVersion,
    UnknownSchema,
    BadShape,
    BadDeviceId,
    LabelRefused,
    UnknownLabel,
    UnknownEncoding,
    BadValue,
}

/// <summary>A window as bytes, version 1, little-endian. Decoding checks limits first and answers a message or a named rejection; it never throws.</summary>
/// <remarks>
/// <code>
///  0  u32 magic "CSW1"       20  u64 sequence             40  u8  label, 255 = none
///  4  u8  version 1          28  i64 device time, ms      41  u8  device id length d
///  5  u8  schema             36  u16 channels             42  u8  encoding, see <see cref="WindowEncoding"/>
///  6  u8  presence           38  u16 samples              43  u8  reserved, 0
///  7  u8  position quality                                44  u64 H3 cell
/// 12  u64 epoch (8..11 reserved, 0)                       52  d bytes of id, then the values
/// </code>
/// </remarks>
public static class WindowFrame
{
    public const int MaxBytes = 65_536;
    public const int MaxClasses = 64;

    private const uint Magic = 0x31575343;
    private const byte Version = 1;
    private const byte NoLabel = 255;
    private const int HeaderBytes = 52;

    /// <summary>The same window under another header.</summary>
    public static byte[] Readdress(ReadOnlySpan<byte> frame, WindowHeader header)
    {
        var values = frame[(HeaderBytes + frame[41])..];
        var again = new byte[HeaderBytes + header.Device.Length + values.Length];
        frame[..HeaderBytes].CopyTo(again);
        WriteHeader(again, header, Encoding.ASCII.GetBytes(header.Device));
        values.CopyTo(again.AsSpan(HeaderBytes + header.Device.Length));
        return again;
    }

    public static byte[] Encode(WindowHeader header, SensorWindow window, WindowEncoding encoding = WindowEncoding.Float32)
    {
        var id = Encoding.ASCII.GetBytes(header.Device);
        var schema = window.Schema;
        var frame = new byte[HeaderBytes + id.Length + WindowPayload.BytesOf(schema, encoding)];
        var span = frame.AsSpan();
        BinaryPrimitives.WriteUInt32LittleEndian(span, Magic);
        span[4] = Version;
        span[5] = schema.Id;
        span[6] = (byte)window.Present;
        BinaryPrimitives.WriteUInt16LittleEndian(span[36..], (ushort)schema.Channels.Count);
        BinaryPrimitives.WriteUInt16LittleEndian(span[38..], (ushort)schema.Samples);
        span[42] = (byte)encoding;
        WriteHeader(span, header, id);
        WindowPayload.Write(window, encoding, span[(HeaderBytes + id.Length)..]);
        return frame;
    }

    /// <summary>What is of the message, not of the window.</summary>
    private static void WriteHeader(Span<byte> span, WindowHeader header, byte[] id)
    {
        if (!DeviceIds.IsValid(id.AsSpan())) throw new ArgumentException($"\"{header.Device}\" is not a device id: {DeviceIds.Rule} are");
        span[7] = header.PositionQuality;
        BinaryPrimitives.WriteUInt64LittleEndian(span[12..], header.Epoch);
        BinaryPrimitives.WriteUInt64LittleEndian(span[20..], header.Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(span[28..], header.DeviceTimeMilliseconds);
        span[40] = header.Label ?? NoLabel;
        span[41] = (byte)id.Length;
        BinaryPrimitives.WriteUInt64LittleEndian(span[44..], header.Cell);
        id.CopyTo(span[HeaderBytes..]);
    }

    /// <param name="labelsAllowed">True in simulation only: elsewhere a label on the wire is refused.</param>
    public static FrameRejection Decode(ReadOnlySpan<byte> frame, bool labelsAllowed, out WindowHeader? header, out SensorWindow? window)
    {
        header = null;
        window = null;
        if (frame.Length > MaxBytes) return FrameRejection.TooLong;
        if (frame.Length < HeaderBytes) return FrameRejection.Truncated;
        if (BinaryPrimitives.ReadUInt32LittleEndian(frame) != Magic) return FrameRejection.BadMagic;
        if (frame[4] != Version) return FrameRejection.UnsupportedVersion;
        var schema = WindowSchema.Default;
        if (frame[5] != schema.Id) return FrameRejection.UnknownSchema;
        if (!WindowPayload.IsKnown(frame[42])) return FrameRejection.UnknownEncoding;
        var encoding = (WindowEncoding)frame[42];
        if (BinaryPrimitives.ReadUInt16LittleEndian(frame[36..]) != schema.Channels.Count
            || BinaryPrimitives.ReadUInt16LittleEndian(frame[38..]) != schema.Samples) return FrameRejection.BadShape;
        var idLength = frame[41];
        if (idLength is 0 or > DeviceIds.MaxBytes) return FrameRejection.BadDeviceId;
        var expected = HeaderBytes + idLength + WindowPayload.BytesOf(schema, encoding);
        if (frame.Length < expected) return FrameRejection.Truncated;
        if (frame.Length > expected) return FrameRejection.TooLong;
        var id = frame.Slice(HeaderBytes, idLength);
        if (!DeviceIds.IsValid(id)) return FrameRejection.BadDeviceId;
        var label = frame[40];
        if (label != NoLabel && !labelsAllowed) return FrameRejection.LabelRefused;
        if (label != NoLabel && label >= MaxClasses) return FrameRejection.UnknownLabel;

        try
        {
            window = new SensorWindow(schema, WindowPayload.Read(frame[(HeaderBytes + idLength)..], encoding, schema), (ChannelGroups)frame[6]);
        }
        catch (InvalidWindowException)
        {
            return FrameRejection.BadValue;
        }
        header = new WindowHeader(
            Encoding.ASCII.GetString(id),
            BinaryPrimitives.ReadUInt64LittleEndian(frame[12..]),
            BinaryPrimitives.ReadUInt64LittleEndian(frame[20..]),
            BinaryPrimitives.ReadInt64LittleEndian(frame[28..]),
            BinaryPrimitives.ReadUInt64LittleEndian(frame[44..]),
            frame[7],
            label == NoLabel ? null : label);
        return FrameRejection.None;
    }
}
