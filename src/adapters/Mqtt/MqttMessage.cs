namespace CitySafeSense.Mqtt;

/// <summary>A message that came. One of QoS 1 is the broker's until <see cref="Acknowledge"/>: without it, it comes again on the next connection of the session.</summary>
public sealed class MqttMessage
{
    private readonly MqttConnection connection;
    private readonly ushort packetId;

    internal MqttMessage(MqttConnection connection, string topic, byte[] payload, MqttQuality quality, ushort packetId, bool isRetained, bool isDuplicate)
    {
        (this.connection, this.packetId) = (connection, packetId);
        (Topic, Payload, Quality, IsRetained, IsDuplicate) = (topic, payload, quality, isRetained, isDuplicate);
    }

    public string Topic { get; }
    public byte[] Payload { get; }
    public MqttQuality Quality { get; }

    /// <summary>It was published before this subscription.</summary>
    public bool IsRetained { get; }

    /// <summary>It may have come before.</summary>
    public bool IsDuplicate { get; }

    /// <summary>Sends PUBACK, where one is due; on a connection that is gone it does nothing. The protocol wants them in the order of arrival.</summary>
    public ValueTask Acknowledge() => Quality == MqttQuality.AtMostOnce ? default : connection.Acknowledge(packetId);
}
