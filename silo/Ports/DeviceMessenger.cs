using CitySafeSense.Contracts.Ports;
using CitySafeSense.Mqtt;
using CitySafeSense.Sensing;
using CitySafeSense.Silo.Broker;

namespace CitySafeSense.Silo.Ports;

/// <summary>Down to devices over the broker, on a connection of its own that is made when it is first needed.</summary>
internal sealed class DeviceMessenger(BrokerHost broker, TimeProvider time) : IDeviceMessenger, IAsyncDisposable
{
    /// <summary>Invitations are as long as a model: this many are in memory between here and the broker.</summary>
    private const ushort AtOnce = 32;

    private readonly SemaphoreSlim connecting = new(1);
    private MqttClient? client;

    public async Task Send(string device, ReadOnlyMemory<byte> message)
    {
        if (broker.Address is null) return;
        await (client ?? await Connect()).Publish(DeviceTopics.Of(device, DeviceTopic.Rounds), message, MqttQuality.AtLeastOnce);
    }

    public async ValueTask DisposeAsync()
    {
        if (client is not null) await client.DisposeAsync();
        connecting.Dispose();
    }

    private async Task<MqttClient> Connect()
    {
        await connecting.WaitAsync();
        try
        {
            if (client is not null) return client;
            var made = new MqttClient(broker.Ingest("") with { SendMaximum = AtOnce }, time: time);
            try
            {
                await made.Connect();
            }
            catch
            {
                await made.DisposeAsync();
                throw;
            }
            return client = made;
        }
        finally
        {
            connecting.Release();
        }
    }
}
