namespace CitySafeSense.Contracts.Ports;

/// <summary>The way down to devices that train by themselves. A message to one that is not there just now is lost.</summary>
public interface IDeviceMessenger
{
    /// <param name="message">As RoundWire has it.</param>
    Task Send(string device, ReadOnlyMemory<byte> message);
}
