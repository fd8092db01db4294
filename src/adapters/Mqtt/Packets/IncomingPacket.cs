namespace CitySafeSense.Mqtt.Packets;

/// <summary>What a broker may send to this client.</summary>
internal abstract record IncomingPacket;

/// <summary>CONNACK (specification 3.2).</summary>
internal sealed record Connected(bool SessionPresent, byte Reason, PacketProperties Properties) : IncomingPacket;

/// <summary>PUBLISH (specification 3.3).</summary>
/// <param name="Topic">Empty where an alias stands for it.</param>
internal sealed record Published(string Topic, ushort TopicAlias, byte[] Payload, MqttQuality Quality, ushort PacketId, bool Retain, bool Duplicate) : IncomingPacket;

/// <summary>PUBACK (specification 3.4).</summary>
internal sealed record PublishAcknowledged(ushort PacketId, byte Reason) : IncomingPacket;

/// <summary>SUBACK and UNSUBACK (specification 3.9 and 3.11).</summary>
internal sealed record SubscriptionsAcknowledged(ushort PacketId, byte[] Reasons) : IncomingPacket;

/// <summary>PINGRESP (specification 3.13).</summary>
internal sealed record Ponged : IncomingPacket
{
    public static Ponged Instance { get; } = new();
}

/// <summary>DISCONNECT (specification 3.14).</summary>
internal sealed record Disconnected(byte Reason, string? Text) : IncomingPacket;
