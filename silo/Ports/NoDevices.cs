using CitySafeSense.Contracts.Ports;

namespace CitySafeSense.Silo.Ports;

/// <summary>Where no device trains by itself.</summary>
public sealed class NoDevices : IDeviceMessenger
{
    public Task Send(string device, ReadOnlyMemory<byte> message) => Task.CompletedTask;
}
