using CitySafeSense.Mqtt;
using CitySafeSense.Sensing;

namespace CitySafeSense.Edge;

/// <summary>
/// A device's connection to the cluster: its outbox, emptied over MQTT as acknowledgements come. Virtual devices use it as real
/// ones do. A message is given up only when the cluster has acknowledged or refused it.
/// </summary>
public sealed class DeviceLink : IAsyncDisposable
{
    private static readonly TimeSpan lookAgain = TimeSpan.FromSeconds(1);
    private readonly Lock gate = new();
    private readonly string device;
    private readonly TimeProvider time;
    private readonly DeviceOutbox outbox;
    private readonly MqttClient client;
    private readonly ITimer timer;
    private readonly Action<DeviceConfiguration>? configure;
    private int? running;

    /// <param name="options">With the device's credential; its last will and sessions are set here.</param>
    /// <param name="settled">Told of every message that was acknowledged, or (false) refused.</param>
    /// <param name="configure">Puts a configuration to use; when it returns, the cluster is told so. Not asked for where left out.</param>
    public DeviceLink(string device, MqttOptions options, DeviceOutbox outbox, TimeProvider time, Action<DeviceOutbox.Message, bool>? settled = null, Action<DeviceConfiguration>? configure = null)
    {
        (this.device, this.outbox, this.time, this.configure) = (device, outbox, time, configure);
        outbox.Settled += settled;
        client = new MqttClient(
            options with { Will = new(DeviceTopics.Of(device, DeviceTopic.Status), "offline"u8.ToArray()), Subscriptions = [(DeviceTopics.Of(device, DeviceTopic.Acks), MqttQuality.AtMostOnce), .. configure is null ? new (string, MqttQuality)[0] : [(DeviceTopics.Of(device, DeviceTopic.Config), MqttQuality.AtLeastOnce)]] },
            Receive, time);
        client.Connected += _ => Greet();
        timer = time.CreateTimer(_ => Pump(), null, lookAgain, lookAgain);
    }

    /// <summary>Messages that are kept, not acknowledged yet.</summary>
    public int Waiting
    {
        get
        {
            lock (gate) return outbox.Waiting;
        }
    }

    /// <exception cref="MqttException">The broker cannot be reached, or refuses.</exception>
    public Task Connect(CancellationToken cancellation = default) => client.Connect(cancellation);

    /// <summary>False where there is no room for the window: it is shed.</summary>
    public bool AddWindow(Func<ulong, byte[]> encode)
    {
        bool kept;
        lock (gate) kept = outbox.AddWindow(encode, time.GetUtcNow());
        Pump();
        return kept;
    }

    /// <summary>False where there is no room, or the same event is kept already.</summary>
    public bool AddEvent(DeviceEvent happened)
    {
        bool kept;
        lock (gate) kept = outbox.AddEvent(happened, time.GetUtcNow());
        Pump();
        return kept;
    }

    public async ValueTask DisposeAsync()
    {
        await timer.DisposeAsync();
        await client.DisposeAsync();
    }

    /// <summary>A new connection, on which the cluster is heard: what was on its way may be lost.</summary>
    private async void Greet()
    {
        lock (gate) outbox.Disconnected();
        Pump();
        await Report();
    }

    private async Task Report()
    {
        try
        {
            await client.Publish(DeviceTopics.Of(device, DeviceTopic.Status), new DeviceReport(true, running).Encode(), MqttQuality.AtLeastOnce, retain: true);
        }
        catch (MqttException)
        {
            // The connection is gone again; the next one is greeted too.
        }
    }

    private ValueTask Receive(MqttMessage message)
    {
        switch (DeviceTopics.Parse(message.Topic)?.Kind)
        {
            case DeviceTopic.Acks when IngestAcknowledgement.Decode(message.Payload) is { } acknowledgement:
                lock (gate) outbox.Take(acknowledgement, time.GetUtcNow());
                Pump();
                break;
            case DeviceTopic.Config when DeviceConfiguration.Decode(message.Payload) is { } configuration && configuration.Number > (running ?? 0):
                configure!(configuration);
                running = configuration.Number;
                _ = Report();
                break;
        }
        return message.Acknowledge();
    }

    private void Pump()
    {
        if (!client.IsConnected) return;
        IReadOnlyList<DeviceOutbox.Message> due;
        lock (gate) due = outbox.Due(time.GetUtcNow());
        foreach (var message in due) _ = Send(message);
    }

    private async Task Send(DeviceOutbox.Message message)
    {
        try
        {
            if (await client.Publish(DeviceTopics.Of(device, message.Topic), message.Payload, MqttQuality.AtLeastOnce) == MqttReasons.NoMatchingSubscribers)
                lock (gate) outbox.Unheard(message, time.GetUtcNow());
        }
        catch (MqttException)
        {
            // Kept in the outbox: sent again when its time has come.
        }
    }
}
