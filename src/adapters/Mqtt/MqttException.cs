namespace CitySafeSense.Mqtt;

/// <summary>A broker cannot be reached, refuses, or does not keep to the protocol; the message names it and what helps.</summary>
public class MqttException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The broker said no to a connection, and why.</summary>
public sealed class MqttRefusedException(string message, byte reason) : MqttException(message)
{
    /// <summary>The reason code (specification 2.4).</summary>
    public byte Reason => reason;

    /// <summary>Whether asking again with the same credentials is of no use.</summary>
    public bool IsForGood => reason is 0x84 or 0x85 or 0x86 or 0x87 or 0x8A or 0x8C;
}
