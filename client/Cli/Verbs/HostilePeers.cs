using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using CitySafeSense.Mqtt;
using CitySafeSense.Sdk;
using CitySafeSense.Sensing;
using CitySafeSense.Wire;

namespace CitySafeSense.Cli.Verbs;

/// <summary>Peers that misbehave at a broker for as long as something else is measured: half-open, mute, loud, and with credentials but sending nonsense.</summary>
internal sealed class HostilePeers : IAsyncDisposable
{
    private const int HalfOpen = 100, Garbage = 20;
    private static readonly TimeSpan pause = TimeSpan.FromMilliseconds(200);

    /// <summary>What the silo must have counted of it.</summary>
    public static readonly string[] Reasons = ["unsupported_version", "truncated", "bad_magic", "bad_json"];

    private readonly MqttOptions broker;
    private readonly string device, password;
    private readonly CancellationTokenSource ending = new();
    private readonly List<Socket> halfOpen = [];
    private Task[] running = [];
    private long garbage, nonsense, tooLong;

    private HostilePeers(MqttOptions broker, string device, string password) => (this.broker, this.device, this.password) = (broker, device, password);

    public static async Task<HostilePeers> Begin(CitySafeClient client, SiloProcess silo, CancellationToken cancellation)
    {
        var credential = (await client.RegisterDevices(new RegisterDevices([new DeviceToRegister("nonsense")]), cancellation)).Credentials[0];
        var peers = new HostilePeers(silo.Broker, credential.Device, credential.Password);
        for (var n = 0; n < HalfOpen; n++) peers.halfOpen.Add(await peers.Connect(cancellation));
        peers.running = [.. Enumerable.Range(0, Garbage).Select(_ => peers.SendGarbage()), peers.SendNonsense(), peers.SendMegabytes(), peers.ReadNothing()];
        return peers;
    }

    /// <returns>What they did.</returns>
    public async Task<JsonObject> End()
    {
        await ending.CancelAsync();
        await Task.WhenAll(running);
        return new JsonObject { ["half_open"] = halfOpen.Count, ["connections_of_random_bytes"] = garbage, ["messages_of_nonsense"] = nonsense, ["megabytes_refused"] = tooLong, ["slow_consumers"] = 1 };
    }

    public async ValueTask DisposeAsync()
    {
        await End();
        foreach (var socket in halfOpen) socket.Dispose();
        ending.Dispose();
    }

    private async Task<Socket> Connect(CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(broker.Host, broker.Port, cancellation);
        return socket;
    }

    /// <summary>Random bytes where a TLS handshake belongs.</summary>
    private async Task SendGarbage()
    {
        while (!ending.IsCancellationRequested)
        {
            try
            {
                using var socket = await Connect(ending.Token);
                await socket.SendAsync(RandomNumberGenerator.GetBytes(4096), ending.Token);
                Interlocked.Increment(ref garbage);
                await Task.Delay(pause, ending.Token);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                // shown the door
            }
        }
    }

    /// <summary>A device whose program is broken: another version's frames, half of one, random bytes, no JSON.</summary>
    private async Task SendNonsense()
    {
        await using var client = new MqttClient(broker with { User = device, Password = password, ClientId = device });
        await client.Connect();
        var frame = WindowFrame.Encode(new WindowHeader(device, 1, 1, 0, 0, 2, null), new SensorWindow(WindowSchema.Default, new float[WindowSchema.Default.Length], ChannelGroups.All));
        byte[] otherVersion = [.. frame];
        otherVersion[4] = 99;
        (DeviceTopic Topic, byte[] Payload)[] sent =
        [
            (DeviceTopic.Windows, otherVersion), (DeviceTopic.Windows, frame[..^7]), (DeviceTopic.Windows, RandomNumberGenerator.GetBytes(4000)),
            (DeviceTopic.Events, "{\"device\":"u8.ToArray()), (DeviceTopic.Events, RandomNumberGenerator.GetBytes(200)),
        ];
        await Repeat(async () =>
        {
            foreach (var (topic, payload) in sent)
            {
                await client.Publish(DeviceTopics.Of(device, topic), payload, MqttQuality.AtLeastOnce, cancellation: ending.Token);
                nonsense++;
            }
        });
    }

    /// <summary>Longer than the broker takes.</summary>
    private Task SendMegabytes() => Repeat(async () =>
    {
        await using var client = new MqttClient(broker with { User = device, Password = password, ClientId = $"{device}-megabytes" });
        await client.Connect(ending.Token);
        try
        {
            await client.Publish(DeviceTopics.Of(device, DeviceTopic.Windows), new byte[1 << 20], MqttQuality.AtLeastOnce, cancellation: ending.Token);
        }
        catch (MqttException)
        {
            tooLong++;
        }
    });

    /// <summary>It subscribes, and then its program hangs: no message is ever taken.</summary>
    private async Task ReadNothing()
    {
        await using var client = new MqttClient(
            broker with { User = device, Password = password, ClientId = $"{device}-slow", ReceiveMaximum = 1, Subscriptions = [(DeviceTopics.Of(device, DeviceTopic.Acks), MqttQuality.AtLeastOnce)] },
            async _ => await Task.Delay(Timeout.Infinite, ending.Token).ContinueWith(_ => { }, TaskScheduler.Default));
        await client.Connect();
        await Repeat(() => Task.CompletedTask);
    }

    private async Task Repeat(Func<Task> work)
    {
        while (!ending.IsCancellationRequested)
        {
            try
            {
                await work();
                await Task.Delay(pause, ending.Token);
            }
            catch (Exception e) when (e is MqttException or OperationCanceledException)
            {
                // gone; tried again
            }
        }
    }
}
