using System.Buffers;

namespace CitySafeSense.Mqtt.Packets;

/// <summary>Cuts packets out of what a broker sends and reads them. Lengths are checked before anything is kept; it never throws on what it is given.</summary>
internal static class PacketDecoder
{
    private const int LongestHeader = 5;

    /// <summary>Takes the next whole packet off the buffer.</summary>
    /// <returns>The packet; nothing where more bytes are needed or, with an error, where this is no MQTT and the connection is over.</returns>
    public static IncomingPacket? Next(ref ReadOnlySequence<byte> buffer, int maximumBytes, out string? error)
    {
        error = null;
        Span<byte> header = stackalloc byte[LongestHeader];
        var start = buffer.Slice(0, Math.Min(LongestHeader, buffer.Length));
        start.CopyTo(header);
        header = header[..(int)start.Length];
        if (header.Length < 2) return null;
        switch (VariableIntegers.Read(header[1..], out var remaining, out var lengthBytes))
        {
            case VariableIntegerState.NeedsMore: return null;
            case VariableIntegerState.Malformed: return Broken("a remaining length that is none", out error);
        }
        var total = 1 + lengthBytes + remaining;
        if (total > maximumBytes) return Broken($"a packet of {total} bytes; {maximumBytes} are the limit", out error);
        if (buffer.Length < total) return null;
        var body = buffer.Slice(1 + lengthBytes, remaining);
        buffer = buffer.Slice(total);
        if (body.IsSingleSegment) return Decode(header[0], body.FirstSpan, out error);
        var copy = ArrayPool<byte>.Shared.Rent(remaining);
        body.CopyTo(copy);
        var packet = Decode(header[0], copy.AsSpan(0, remaining), out error);
        ArrayPool<byte>.Shared.Return(copy);
        return packet;
    }

    private static IncomingPacket? Decode(byte first, ReadOnlySpan<byte> body, out string? error)
    {
        var reader = new PacketReader(body);
        var (type, flags) = (first >> 4, first & 0xF);
        if (type != 3 && flags != 0) return Broken($"packet type {type} with flags {flags}", out error); // specification 2.1.3
        IncomingPacket? packet = type switch
        {
            2 => ReadConnected(ref reader),
            3 => ReadPublished(ref reader, flags),
            4 => ReadAcknowledged(ref reader),
            9 or 11 => ReadSubscriptions(ref reader),
            13 => Ponged.Instance,
            14 => ReadDisconnected(ref reader),
            _ => null,
        };
        if (packet is null) return Broken($"packet type {type}, which no broker sends to this client", out error);
        if (reader.IsBroken || !reader.AtEnd) return Broken($"a malformed packet of type {type}", out error);
        error = null;
        return packet;
    }

    private static Connected ReadConnected(ref PacketReader reader)
    {
        var flags = reader.Byte();
        if (flags > 1) reader.Break();
        var reason = reader.Byte();
        return new Connected(flags == 1, reason, PacketProperties.Read(ref reader));
    }

    private static Published ReadPublished(ref PacketReader reader, int flags)
    {
        var quality = flags >> 1 & 3;
        var topic = reader.Text();
        if (quality > 1 || topic.AsSpan().IndexOfAny('+', '#') >= 0) reader.Break(); // subscriptions ask for at most QoS 1
        ushort id = 0;
        if (quality == 1 && (id = reader.UInt16()) == 0) reader.Break();
        var properties = PacketProperties.Read(ref reader);
        if (topic.Length == 0 && properties.TopicAlias == 0) reader.Break();
        return new Published(topic, properties.TopicAlias, reader.Rest().ToArray(), (MqttQuality)(quality & 1), id, (flags & 1) != 0, (flags & 8) != 0);
    }

    /// <summary>Reason and properties may be left out (specification 3.4.2.1).</summary>
    private static PublishAcknowledged ReadAcknowledged(ref PacketReader reader)
    {
        var id = reader.UInt16();
        var reason = reader.AtEnd ? (byte)0 : reader.Byte();
        if (!reader.AtEnd) PacketProperties.Read(ref reader);
        return new PublishAcknowledged(id, reason);
    }

    private static SubscriptionsAcknowledged ReadSubscriptions(ref PacketReader reader)
    {
        var id = reader.UInt16();
        PacketProperties.Read(ref reader);
        if (reader.AtEnd) reader.Break();
        return new SubscriptionsAcknowledged(id, reader.Rest().ToArray());
    }

    private static Disconnected ReadDisconnected(ref PacketReader reader)
    {
        var reason = reader.AtEnd ? (byte)0 : reader.Byte();
        return new Disconnected(reason, reader.AtEnd ? null : PacketProperties.Read(ref reader).Reason);
    }

    private static IncomingPacket? Broken(string what, out string? error)
    {
        error = $"the broker sent {what}";
        return null;
    }
}
