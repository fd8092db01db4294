namespace CitySafeSense.Mqtt;

/// <summary>Reason codes (specification 2.4) in words, with what helps where something does.</summary>
public static class MqttReasons
{
    /// <summary>The broker has the message, and nobody to give it to.</summary>
    public const byte NoMatchingSubscribers = 0x10;

    internal static string Describe(byte reason) => reason switch
    {
        0x00 => "normal disconnection",
        0x04 => "with the last will",
        NoMatchingSubscribers => "nobody has subscribed",
        0x80 => "unspecified error",
        0x81 => "malformed packet",
        0x82 => "protocol error",
        0x83 => "refused by the implementation",
        0x84 => "it does not speak MQTT 5",
        0x85 => "the client id is not valid",
        0x86 => "user or password are wrong",
        0x87 => "not authorised",
        0x88 => "the server is not available",
        0x89 => "the server is busy",
        0x8A => "banned",
        0x8B => "the server is shutting down",
        0x8C => "bad authentication method",
        0x8D => "keep-alive timed out",
        0x8E => "another connection took over the session",
        0x8F => "the topic filter is not valid",
        0x90 => "the topic name is not valid",
        0x93 => "more messages than the receive maximum",
        0x94 => "the topic alias is not valid",
        0x95 => "the packet is too large",
        0x97 => "quota exceeded",
        0x98 => "by an administrator",
        0x99 => "the payload is not of its format",
        0x9A => "retained messages are not supported",
        0x9B => "the QoS is not supported",
        0x9D => "the server has moved",
        0x9E => "shared subscriptions are not supported",
        0x9F => "too many connections",
        0xA2 => "wildcards are not supported",
        _ => $"reason 0x{reason:X2}",
    };
}
