using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using CitySafeSense.Mqtt.Packets;

namespace CitySafeSense.Mqtt;

/// <summary>One network connection, from CONNACK to its end. It knows nothing of reconnecting; <see cref="MqttClient"/> does.</summary>
internal sealed class MqttConnection : IAsyncDisposable
{
    private const byte ProtocolError = 0x82;
    private static readonly TimeSpan farewell = TimeSpan.FromSeconds(2);
    private readonly TimeProvider time;
    private readonly Stream stream;
    private readonly PipeReader incoming;
    private readonly OutgoingPackets outgoing = new();
    private readonly CancellationTokenSource ending = new();
    private readonly Dictionary<ushort, TaskCompletionSource<byte[]>> subscriptions = [];
    private readonly int maximumPacketBytes;
    private TopicAliases aliases = new(0, 0);
    private TimeSpan keepAlive;
    private long lastHeard;
    private Task sending = Task.CompletedTask;

    private MqttConnection(Stream stream, MqttOptions options, TimeProvider time)
    {
        (this.stream, this.time, maximumPacketBytes, keepAlive) = (stream, time, options.MaximumPacketBytes, options.KeepAlive);
        // Reads of no bytes first: thousands of silent connections then hold no buffers.
        incoming = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 16 << 10, minimumReadSize: 4 << 10, useZeroByteReads: true));
    }

    /// <summary>What the broker said it can do.</summary>
    public PacketProperties Broker { get; private set; }

    public bool SessionPresent { get; private set; }

    /// <exception cref="MqttException">Names the broker and what is wrong.</exception>
    public static async Task<MqttConnection> Open(MqttOptions options, TimeProvider time, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var timer = time.CreateTimer(_ => patience.Cancel(), null, options.ConnectTimeout, Timeout.InfiniteTimeSpan);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        MqttConnection? connection = null;
        try
        {
            await socket.ConnectAsync(options.Host, options.Port, patience.Token);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (options.Tls is { } tls)
            {
                var secure = new SslStream(stream);
                stream = secure;
                await secure.AuthenticateAsClientAsync(tls.For(options.Host), patience.Token);
            }
            connection = new MqttConnection(stream, options, time);
            await connection.Greet(options, patience.Token);
            return connection;
        }
        catch (Exception e)
        {
            if (connection is not null) await connection.DisposeAsync();
            socket.Dispose();
            var broker = $"the MQTT broker at {options.Host}:{options.Port}";
            throw e switch
            {
                MqttException => e,
                OperationCanceledException when cancellation.IsCancellationRequested => e,
                OperationCanceledException => new MqttException($"{broker} did not answer within {options.ConnectTimeout.TotalSeconds:0.#} s", e),
                AuthenticationException => new MqttException($"{broker} has a certificate that is not trusted ({e.Message}): give the file of the CA that signed it", e),
                SocketException => new MqttException($"{broker} cannot be reached ({e.Message}): is it running there?", e),
                IOException => new MqttException($"{broker} closed the connection before it was made ({e.Message}): does it speak TLS on this port?", e),
                _ => e,
            };
        }
    }

    /// <summary>Reads until the end, and says why it ended.</summary>
    /// <param name="receive">Called for one message after the other; while it waits nothing else is read, so it must not wait for this connection.</param>
    public async Task<string> Run(Func<MqttMessage, ValueTask> receive, InFlight inFlight)
    {
        var watching = Watch();
        string why;
        try
        {
            why = await Read(receive, inFlight);
        }
        catch (MqttException e)
        {
            why = e.Message;
            await outgoing.Write(ProtocolError, static (into, reason) => PacketEncoder.Disconnect(into, reason), time.GetTimestamp());
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            why = ending.IsCancellationRequested ? "the connection was closed" : $"the connection was lost ({e.Message})";
        }
        await ending.CancelAsync();
        foreach (var asked in Asked()) asked.TrySetException(new MqttException(why));
        return await watching ?? why;
    }

    /// <param name="topic">Checked by the caller.</param>
    public ValueTask<bool> Publish(string topic, ReadOnlyMemory<byte> payload, MqttQuality quality, ushort id, bool retain, bool duplicate, CancellationToken cancellation) =>
        outgoing.Write((Aliases: aliases, topic, payload, quality, id, retain, duplicate), static (into, p) =>
        {
            var (topic, alias) = p.Aliases.Shorten(p.topic);
            PacketEncoder.Publish(into, topic, alias, p.payload.Span, p.quality, p.id, p.retain, p.duplicate);
        }, time.GetTimestamp(), cancellation);

    public async ValueTask Acknowledge(ushort id) => await outgoing.Write(id, static (into, packetId) => PacketEncoder.Acknowledge(into, packetId), time.GetTimestamp());

    /// <returns>One reason for each filter (specification 3.9.3): above 0x7F it was refused.</returns>
    public Task<byte[]> Subscribe(ushort id, IReadOnlyList<(string Filter, MqttQuality Quality)> filters, CancellationToken cancellation) =>
        Ask(id, (id, filters), static (into, p) => PacketEncoder.Subscribe(into, p.id, p.filters), cancellation);

    public Task<byte[]> Unsubscribe(ushort id, IReadOnlyList<string> filters, CancellationToken cancellation) =>
        Ask(id, (id, filters), static (into, p) => PacketEncoder.Unsubscribe(into, p.id, p.filters), cancellation);

    /// <summary>Says farewell, so that the last will is not sent, and closes.</summary>
    public async Task Close()
    {
        // A network that takes nothing any more must not keep this waiting.
        await using var patience = time.CreateTimer(_ => ending.Cancel(), null, farewell, Timeout.InfiniteTimeSpan);
        await outgoing.Write(0, static (into, _) => PacketEncoder.Disconnect(into, 0), time.GetTimestamp());
        await outgoing.Complete();
        try
        {
            await sending;
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // it is gone already, or does not read: closed without a word
        }
        await ending.CancelAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        await outgoing.Complete();
        try
        {
            await sending;
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // what could not be sent is sent again by whoever needs it
        }
        await incoming.CompleteAsync();
        await stream.DisposeAsync();
    }

    private async Task Greet(MqttOptions options, CancellationToken cancellation)
    {
        sending = outgoing.SendTo(stream, ending.Token);
        lastHeard = time.GetTimestamp();
        await outgoing.Write(options, static (into, o) => PacketEncoder.Connect(into, o), lastHeard, cancellation);
        var broker = $"the MQTT broker at {options.Host}:{options.Port}";
        if (await Next(cancellation) is not Connected answer) throw new MqttException($"{broker} did not begin with CONNACK: is it one?");
        if (answer.Reason != 0) throw new MqttRefusedException($"{broker} refused {options.User ?? options.ClientId}: {MqttReasons.Describe(answer.Reason)}{(answer.Properties.Reason is { } text ? $" ({text})" : "")}", answer.Reason);
        (Broker, SessionPresent) = (answer.Properties, answer.SessionPresent);
        if (answer.Properties.ServerKeepAliveSeconds is { } seconds and > 0) keepAlive = TimeSpan.FromSeconds(seconds);
        aliases = new TopicAliases(Math.Min(answer.Properties.TopicAliasMaximum, options.TopicAliasMaximum), options.TopicAliasMaximum);
    }

    private async Task<string> Read(Func<MqttMessage, ValueTask> receive, InFlight inFlight)
    {
        while (true)
        {
            switch (await Next(ending.Token))
            {
                case null: return "the broker closed the connection";
                case Published p:
                    if (aliases.Resolve(p.Topic, p.TopicAlias) is not { } topic) throw new MqttException($"the broker used topic alias {p.TopicAlias}, which it never explained");
                    await receive(new MqttMessage(this, topic, p.Payload, p.Quality, p.PacketId, p.Retain, p.Duplicate));
                    break;
                case PublishAcknowledged a: inFlight.Leave(a.PacketId, a.Reason); break;
                case SubscriptionsAcknowledged s: Answered(s.PacketId)?.TrySetResult(s.Reasons); break;
                case Disconnected d: return $"the broker closed the connection: {MqttReasons.Describe(d.Reason)}{(d.Text is { } text ? $" ({text})" : "")}";
                case Connected: throw new MqttException("the broker sent CONNACK twice");
            }
        }
    }

    /// <summary>The next packet; nothing at the end.</summary>
    private async ValueTask<IncomingPacket?> Next(CancellationToken cancellation)
    {
        while (true)
        {
            var read = await incoming.ReadAsync(cancellation);
            var buffer = read.Buffer;
            var packet = PacketDecoder.Next(ref buffer, maximumPacketBytes, out var error);
            incoming.AdvanceTo(buffer.Start, packet is null ? buffer.End : buffer.Start);
            if (error is not null) throw new MqttException(error);
            if (packet is not null)
            {
                lastHeard = time.GetTimestamp();
                return packet;
            }
            if (read.IsCompleted) return null;
        }
    }

    /// <summary>Keeps a silent connection alive, and ends one on which the broker is silent although asked (specification 3.1.2.10).</summary>
    private async Task<string?> Watch()
    {
        using var timer = new PeriodicTimer(keepAlive / 4, time);
        try
        {
            while (await timer.WaitForNextTickAsync(ending.Token))
            {
                if (time.GetElapsedTime(lastHeard) > keepAlive * 1.5)
                {
                    await ending.CancelAsync();
                    return $"the broker was silent for {keepAlive.TotalSeconds * 1.5:0.#} s";
                }
                // Whoever only listens must be heard; whoever only sends must hear.
                if (time.GetElapsedTime(Math.Min(lastHeard, outgoing.LastWritten)) > keepAlive / 2) await outgoing.Write(0, static (into, _) => PacketEncoder.Ping(into), time.GetTimestamp(), ending.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // the connection ended by itself
        }
        return null;
    }

    private async Task<byte[]> Ask<TPacket>(ushort id, TPacket packet, Action<IBufferWriter<byte>, TPacket> encode, CancellationToken cancellation)
    {
        var answer = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (subscriptions) subscriptions[id] = answer;
        if (!await outgoing.Write(packet, encode, time.GetTimestamp(), cancellation) || ending.IsCancellationRequested) throw new MqttException("the connection is gone");
        return await answer.Task.WaitAsync(cancellation);
    }

    private TaskCompletionSource<byte[]>? Answered(ushort id)
    {
        lock (subscriptions) return subscriptions.Remove(id, out var answer) ? answer : null;
    }

    private TaskCompletionSource<byte[]>[] Asked()
    {
        lock (subscriptions) return [.. subscriptions.Values];
    }
}
