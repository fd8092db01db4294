using System.Security.Cryptography;

namespace CitySafeSense.Mqtt;

/// <summary>
/// An MQTT 5 client (OASIS standard, 7 March 2019) that stays connected: it comes back after a loss, subscribes again, and
/// sends again what was not acknowledged. QoS 0 and 1.
/// </summary>
public sealed class MqttClient : IAsyncDisposable
{
    private static readonly TimeSpan firstPause = TimeSpan.FromMilliseconds(100), longestPause = TimeSpan.FromSeconds(10), steady = TimeSpan.FromSeconds(1);
    private readonly MqttOptions options;
    private readonly TimeProvider time;
    private readonly Func<double> chance;
    private readonly Func<MqttMessage, ValueTask> receive;
    private readonly InFlight inFlight;
    private readonly CancellationTokenSource ending = new();
    private readonly Lock gate = new();
    private readonly Dictionary<string, MqttQuality> subscribed;
    private MqttConnection? connection;
    private TaskCompletionSource<MqttConnection> ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task running = Task.CompletedTask;
    private ushort nextSubscriptionId = ushort.MaxValue;

    /// <param name="receive">Called for one message after the other. It must not wait for this client, which reads nothing meanwhile.</param>
    /// <param name="chance">Numbers from 0 to 1 that spread reconnections over time.</param>
    /// <exception cref="ArgumentException">An option is wrong.</exception>
    public MqttClient(MqttOptions options, Func<MqttMessage, ValueTask>? receive = null, TimeProvider? time = null, Func<double>? chance = null)
    {
        options.Validate();
        this.options = options;
        this.receive = receive ?? (static message => message.Acknowledge());
        this.time = time ?? TimeProvider.System;
        this.chance = chance ?? (static () => RandomNumberGenerator.GetInt32(1 << 20) / (double)(1 << 20));
        inFlight = new InFlight(options.SendMaximum);
        subscribed = options.Subscriptions.ToDictionary(s => s.Filter, s => s.Quality);
    }

    /// <summary>After every connection that was made: whether the broker still had the session.</summary>
    public event Action<bool>? Connected;

    /// <summary>After every connection that ended, or could not be made: why.</summary>
    public event Action<string>? Disconnected;

    public bool IsConnected => Volatile.Read(ref connection) is not null;

    /// <summary>Connects, and stays connected from then on.</summary>
    /// <exception cref="MqttException">The first connection could not be made, or the broker refuses a subscription.</exception>
    public async Task Connect(CancellationToken cancellation = default)
    {
        var first = await MqttConnection.Open(options, time, cancellation);
        running = Run(first);
        await ready.Task.WaitAsync(cancellation);
    }

    /// <summary>Begins to connect, and goes on trying for as long as it takes.</summary>
    public void Start() => running = Run(null);

    /// <summary>Answers when the broker has it (QoS 1), or when it is on its way (QoS 0).</summary>
    /// <returns>The broker's reason, such as <see cref="MqttReasons.NoMatchingSubscribers"/>.</returns>
    /// <exception cref="MqttException">QoS 0 without a connection; the message is too long for the broker; or the broker refuses it.</exception>
    public async Task<byte> Publish(string topic, ReadOnlyMemory<byte> payload, MqttQuality quality, bool retain = false, CancellationToken cancellation = default)
    {
        MqttTopic.RequireName(topic);
        var now = Volatile.Read(ref connection);
        if (now is not null && Packets.PacketEncoder.PublishBytes(topic, payload.Length) > now.Broker.MaximumPacketBytes)
            throw new MqttException($"a message of {payload.Length} bytes to {topic}: the broker takes packets of {now.Broker.MaximumPacketBytes} bytes at most");
        if (quality == MqttQuality.AtMostOnce)
            return now is not null && await now.Publish(topic, payload, quality, 0, retain, false, cancellation) ? (byte)0 : throw new MqttException($"{topic}: there is no connection, and QoS 0 does not wait for one");
        var entry = await inFlight.Enter(topic, payload, retain, cancellation);
        // Looked at again, since the wait may have been long. Without a connection it is sent with the next one, and so it is if this one is just being lost.
        now = Volatile.Read(ref connection);
        if (now is not null && entry.Claim(now)) await now.Publish(topic, payload, quality, entry.Id, retain, false, CancellationToken.None);
        var reason = await entry.Done.Task;
        return reason < 0x80 ? reason : throw new MqttException($"{topic}: the broker refuses the message: {MqttReasons.Describe(reason)}");
    }

    /// <summary>Answers when the broker has agreed to all of them.</summary>
    /// <exception cref="MqttException">The broker refuses one.</exception>
    public async Task Subscribe(IReadOnlyList<(string Filter, MqttQuality Quality)> filters, CancellationToken cancellation = default)
    {
        foreach (var (filter, _) in filters) MqttTopic.RequireFilter(filter);
        var now = await ready.Task.WaitAsync(cancellation);
        await Subscribe(now, filters, cancellation);
        lock (gate)
            foreach (var (filter, quality) in filters) subscribed[filter] = quality;
    }

    public async Task Unsubscribe(IReadOnlyList<string> filters, CancellationToken cancellation = default)
    {
        lock (gate)
            foreach (var filter in filters) subscribed.Remove(filter);
        await (await ready.Task.WaitAsync(cancellation)).Unsubscribe(NextSubscriptionId(), filters, cancellation);
    }

    /// <summary>Says farewell: the broker sends no last will, and keeps the session for as long as it was told.</summary>
    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        if (Volatile.Read(ref connection) is { } last) await last.Close();
        await running;
        inFlight.End(new MqttException("the client is closed"));
        ready.TrySetException(new MqttException("the client is closed"));
        _ = ready.Task.Exception; // looked at, for nobody else may
    }

    private async Task Run(MqttConnection? next)
    {
        // A session that outlives its connections is begun afresh once.
        var resumed = options with { CleanStart = options.CleanStart && options.SessionExpiry == TimeSpan.Zero };
        var wasConnected = false;
        for (var failures = 0; !ending.IsCancellationRequested; failures++)
        {
            if (failures > 0 && !await Pause(failures)) break;
            try
            {
                await using var current = next ?? await MqttConnection.Open(wasConnected ? resumed : options, time, ending.Token);
                (next, wasConnected) = (null, true);
                var opened = time.GetTimestamp();
                await Serve(current);
                if (time.GetElapsedTime(opened) > steady) failures = 0; // else somebody closes at once, again and again
            }
            catch (Exception e) when (e is MqttException or OperationCanceledException)
            {
                if (!ending.IsCancellationRequested) Disconnected?.Invoke(e.Message);
            }
        }
        if (next is not null) await next.DisposeAsync();
    }

    private async Task Serve(MqttConnection current)
    {
        inFlight.Allow(current.Broker.ReceiveMaximum);
        var reading = current.Run(receive, inFlight);
        try
        {
            (string, MqttQuality)[] again;
            // Said again whatever the session holds: it may be what an earlier program asked for, and Mosquitto comes back from its
            // disk with the session but without the subscriptions it shares.
            lock (gate) again = [.. subscribed.Select(s => (s.Key, s.Value))];
            if (again.Length > 0) await Subscribe(current, again, ending.Token);
            // First the connection, then what is left: whatever is entered meanwhile is sent by one of the two, and by one only.
            Volatile.Write(ref connection, current);
            foreach (var entry in inFlight.Unacknowledged())
                if (entry.Claim(current)) await current.Publish(entry.Topic, entry.Payload, MqttQuality.AtLeastOnce, entry.Id, entry.Retain, duplicate: current.SessionPresent, ending.Token);
            ready.TrySetResult(current);
            Connected?.Invoke(current.SessionPresent);
        }
        catch (Exception e) when (e is MqttException or OperationCanceledException)
        {
            await current.Close();
            if (ready.TrySetException(e)) _ = ready.Task.Exception; // looked at, for nobody else may
        }
        var why = await reading;
        Volatile.Write(ref connection, null);
        ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!ending.IsCancellationRequested) Disconnected?.Invoke(why);
    }

    /// <summary>Doubling pauses, each somewhere in its upper half, so that a crowd does not come back at once.</summary>
    private async Task<bool> Pause(int failures)
    {
        var pause = TimeSpan.FromTicks(Math.Min(longestPause.Ticks, firstPause.Ticks << Math.Min(failures - 1, 16))) * (0.5 + chance() / 2);
        try
        {
            await Task.Delay(pause, time, ending.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task Subscribe(MqttConnection current, IReadOnlyList<(string Filter, MqttQuality Quality)> filters, CancellationToken cancellation)
    {
        var reasons = await current.Subscribe(NextSubscriptionId(), filters, cancellation);
        for (var i = 0; i < Math.Min(reasons.Length, filters.Count); i++)
            if (reasons[i] >= 0x80) throw new MqttException($"{filters[i].Filter}: the broker refuses the subscription: {MqttReasons.Describe(reasons[i])}");
    }

    /// <summary>From the top down to those that messages use.</summary>
    private ushort NextSubscriptionId()
    {
        lock (gate)
        {
            var id = nextSubscriptionId--;
            if (nextSubscriptionId <= inFlight.Capacity) nextSubscriptionId = ushort.MaxValue;
            return id;
        }
    }
}
