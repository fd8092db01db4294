using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace CitySafeSense.Mqtt.Packets;

/// <summary>Writes what this client sends. Every length is known before the first byte is written.</summary>
internal static class PacketEncoder
{
    /// <summary>CONNECT (specification 3.1).</summary>
    public static void Connect(IBufferWriter<byte> into, MqttOptions options)
    {
        var will = options.Will;
        var flags = (options.CleanStart ? 0x02 : 0) | (options.User is null ? 0 : 0x80) | (options.Password is null ? 0 : 0x40)
            | (will is null ? 0 : 0x04 | (int)will.Quality << 3 | (will.Retain ? 0x20 : 0));
        const int Properties = 5 + 3 + 5 + 3;
        var length = 10 + 1 + Properties + LengthOf(options.ClientId)
            + (will is null ? 0 : 1 + LengthOf(will.Topic) + 2 + will.Payload.Length) + LengthOf(options.User) + LengthOf(options.Password);
        var packet = new Cursor(into, 0x10, length);
        packet.Text("MQTT");
        packet.Byte(5);
        packet.Byte((byte)flags);
        packet.UInt16((ushort)options.KeepAlive.TotalSeconds);
        packet.Byte(Properties);
        packet.Byte(PacketProperties.SessionExpiryIntervalId);
        packet.UInt32((uint)options.SessionExpiry.TotalSeconds);
        packet.Byte(PacketProperties.ReceiveMaximumId);
        packet.UInt16(options.ReceiveMaximum);
        packet.Byte(PacketProperties.MaximumPacketSizeId);
        packet.UInt32((uint)options.MaximumPacketBytes);
        packet.Byte(PacketProperties.TopicAliasMaximumId);
        packet.UInt16(options.TopicAliasMaximum);
        packet.Text(options.ClientId);
        if (will is not null)
        {
            packet.Byte(0);
            packet.Text(will.Topic);
            packet.UInt16((ushort)will.Payload.Length);
            packet.Bytes(will.Payload.Span);
        }
        if (options.User is not null) packet.Text(options.User);
        if (options.Password is not null) packet.Text(options.Password);
        packet.End();
    }

    /// <summary>PUBLISH (specification 3.3).</summary>
    /// <param name="alias">0 for none; with an empty topic it stands for one that was sent before.</param>
    public static void Publish(IBufferWriter<byte> into, string topic, ushort alias, ReadOnlySpan<byte> payload, MqttQuality quality, ushort id, bool retain, bool duplicate)
    {
        var properties = alias == 0 ? 0 : 3;
        var length = LengthOf(topic) + (quality == MqttQuality.AtMostOnce ? 0 : 2) + 1 + properties + payload.Length;
        var packet = new Cursor(into, (byte)(0x30 | (duplicate ? 8 : 0) | (int)quality << 1 | (retain ? 1 : 0)), length);
        packet.Text(topic);
        if (quality != MqttQuality.AtMostOnce) packet.UInt16(id);
        packet.Byte((byte)properties);
        if (alias != 0)
        {
            packet.Byte(PacketProperties.TopicAliasId);
            packet.UInt16(alias);
        }
        packet.Bytes(payload);
        packet.End();
    }

    /// <summary>How long a PUBLISH becomes, as the broker counts it against its maximum.</summary>
    public static int PublishBytes(string topic, int payload)
    {
        var remaining = LengthOf(topic) + 2 + 1 + 3 + payload;
        return 1 + VariableIntegers.LengthOf(remaining) + remaining;
    }

    /// <summary>PUBACK (specification 3.4); success needs no reason.</summary>
    public static void Acknowledge(IBufferWriter<byte> into, ushort id)
    {
        var packet = new Cursor(into, 0x40, 2);
        packet.UInt16(id);
        packet.End();
    }

    /// <summary>SUBSCRIBE (specification 3.8): without what this client published itself only where asked for.</summary>
    public static void Subscribe(IBufferWriter<byte> into, ushort id, IReadOnlyList<(string Filter, MqttQuality Quality)> filters)
    {
        var packet = new Cursor(into, 0x82, 3 + filters.Sum(f => LengthOf(f.Filter) + 1));
        packet.UInt16(id);
        packet.Byte(0);
        foreach (var (filter, quality) in filters)
        {
            packet.Text(filter);
            packet.Byte((byte)quality);
        }
        packet.End();
    }

    /// <summary>UNSUBSCRIBE (specification 3.10).</summary>
    public static void Unsubscribe(IBufferWriter<byte> into, ushort id, IReadOnlyList<string> filters)
    {
        var packet = new Cursor(into, 0xA2, 3 + filters.Sum(LengthOf));
        packet.UInt16(id);
        packet.Byte(0);
        foreach (var filter in filters) packet.Text(filter);
        packet.End();
    }

    /// <summary>PINGREQ (specification 3.12).</summary>
    public static void Ping(IBufferWriter<byte> into) => new Cursor(into, 0xC0, 0).End();

    /// <summary>DISCONNECT (specification 3.14): 0 is a farewell, anything else sends the last will.</summary>
    public static void Disconnect(IBufferWriter<byte> into, byte reason)
    {
        var packet = new Cursor(into, 0xE0, 1);
        packet.Byte(reason);
        packet.End();
    }

    private static int LengthOf(string? text) => text is null ? 0 : 2 + Encoding.UTF8.GetByteCount(text);

    /// <summary>One packet in memory of the writer.</summary>
    private ref struct Cursor
    {
        private readonly IBufferWriter<byte> into;
        private readonly Span<byte> span;
        private int at;

        public Cursor(IBufferWriter<byte> into, byte first, int remaining)
        {
            if (remaining > VariableIntegers.Max) throw new ArgumentException($"a packet of {remaining} bytes; {VariableIntegers.Max} are the limit");
            this.into = into;
            span = into.GetSpan(5 + remaining);
            span[0] = first;
            at = 1 + VariableIntegers.Write(span[1..], remaining);
        }

        public void Byte(byte value) => span[at++] = value;

        public void UInt16(ushort value)
        {
            BinaryPrimitives.WriteUInt16BigEndian(span[at..], value);
            at += 2;
        }

        public void UInt32(uint value)
        {
            BinaryPrimitives.WriteUInt32BigEndian(span[at..], value);
            at += 4;
        }

        public void Text(string value)
        {
            var length = Encoding.UTF8.GetBytes(value, span[(at + 2)..]);
            UInt16((ushort)length);
            at += length;
        }

        public void Bytes(ReadOnlySpan<byte> value)
        {
            value.CopyTo(span[at..]);
            at += value.Length;
        }

        public readonly void End() => into.Advance(at);
    }
}
