using System.Buffers;
using System.Text;

namespace CitySafeSense.Learning;

/// <summary>
/// Writes the wire format of protocol buffers (encoding specification, proto3): tags, variable-length integers and whatever
/// has a length. It knows no schema and reads nothing.
/// </summary>
internal sealed class ProtobufWriter
{
    private readonly ArrayBufferWriter<byte> bytes = new();

    private enum WireType
    {
        Variable = 0,
        LengthDelimited = 2,
    }

    public ReadOnlySpan<byte> Written => bytes.WrittenSpan;

    public ProtobufWriter Integer(int field, long value)
    {
        Tag(field, WireType.Variable);
        Variable((ulong)value);
        return this;
    }

    public ProtobufWriter Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    public ProtobufWriter Bytes(int field, ReadOnlySpan<byte> value)
    {
        Tag(field, WireType.LengthDelimited);
        Variable((ulong)value.Length);
        bytes.Write(value);
        return this;
    }

    /// <summary>A message within this one.</summary>
    public ProtobufWriter Message(int field, ProtobufWriter message) => Bytes(field, message.Written);

    /// <summary>Repeated integers, packed.</summary>
    public ProtobufWriter Integers(int field, IEnumerable<long> values)
    {
        var packed = new ProtobufWriter();
        foreach (var value in values) packed.Variable((ulong)value);
        return Bytes(field, packed.Written);
    }

    private void Tag(int field, WireType type) => Variable(((ulong)field << 3) | (ulong)type);

    private void Variable(ulong value)
    {
        var span = bytes.GetSpan(10);
        var n = 0;
        for (; value >= 0x80; value >>= 7) span[n++] = (byte)(value | 0x80);
        span[n++] = (byte)value;
        bytes.Advance(n);
    }
}
