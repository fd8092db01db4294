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
    private readonly RoundLink? rounds;
    private int? running;

    /// <param name="options">With the device's credential; its last will and sessions are set here.</param>
    /// <param name="settled">Told of every message that was acknowledged, or (false) refused.</param>
    /// <param name="configure">Puts a configuration to use; when it returns, the cluster is told so. Not asked for where left out.</param>
    /// <param name="member">Takes part in federated rounds; the device stays out of them where left out. Not disposed here.</param>
    public DeviceLink(
        string device, MqttOptions options, DeviceOutbox outbox, TimeProvider time, Action<DeviceOutbox.Message, bool>? settled = null, Action<DeviceConfiguration>? configure = null, RoundMember? member = null)
    {
        (this.device, this.outbox, this.time, this.configure) = (device, outbox, time, configure);
        outbox.Settled += settled;
        var subscriptions = new List<(string, MqttQuality)> { (DeviceTopics.Of(device, DeviceTopic.Acks), MqttQuality.AtMostOnce) };
        if (configure is not null) subscriptions.Add((DeviceTopics.Of(device, DeviceTopic.Config), MqttQuality.AtLeastOnce));
        if (member is not null) subscriptions.Add((DeviceTopics.Of(device, DeviceTopic.Rounds), MqttQuality.AtLeastOnce));
        client = new MqttClient(options with { Will = new(DeviceTopics.Of(device, DeviceTopic.Status), "offline"u8.ToArray()), Subscriptions = subscriptions }, Receive, time);
        rounds = member is null ? null : new RoundLink(member, update => Say(DeviceTopic.Updates, update), time);
        client.Connected += _ => Greet();
        timer = time.CreateTimer(_ => Look(), null, lookAgain, lookAgain);
    }

    /// <summary>Messages that are kept, not acknowledged yet.</summary>
    public int Waiting
    {
        get
        {
            lock (gate) return outbox.Waiting;
        }
    }

    /// <summary>The cluster's time as this device knows it: its own, put right by what acknowledgements say. Windows and events are stamped with it.</summary>
    public DateTimeOffset ClusterTime
    {
        get
        {
            lock (gate) return time.GetUtcNow() + (outbox.ClockSkew ?? TimeSpan.Zero);
        }
    }

    /// <summary>Federated rounds to which it has contributed.</summary>
    public int RoundsReported => rounds?.RoundsReported ?? 0;

    /// <summary>Why the last order to train came to nothing, or null.</summary>
    public string? RoundTrouble => rounds?.Trouble;

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
        if (rounds is not null) await rounds.DisposeAsync();
        await client.DisposeAsync();
    }

    /// <summary>A new connection, on which the cluster is heard: what was on its way may be lost.</summary>
    private async void Greet()
    {
        lock (gate) outbox.Disconnected();
        rounds?.Connected();
        Look();
        await Report();
    }

    private Task Report() => Say(DeviceTopic.Status, new DeviceReport(true, running).Encode(), retain: true);

    private async Task Say(DeviceTopic topic, byte[] payload, bool retain = false)
    {
        try
        {
            await client.Publish(DeviceTopics.Of(device, topic), payload, MqttQuality.AtLeastOnce, retain);
        }
        catch (MqttException)
        {
            // The connection is gone again; on the next one it is said again.
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
            case DeviceTopic.Rounds:
                rounds?.Receive(message.Payload);
                break;
        }
        return message.Acknowledge();
    }

    private void Look()
    {
        Pump();
        if (client.IsConnected) _ = rounds?.Pump();
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
