using CitySafeSense.Cli.Terminal;
using CitySafeSense.Edge;
using CitySafeSense.Mqtt;
using CitySafeSense.Sensing;

namespace CitySafeSense.Cli.Verbs;

/// <summary>What a room's device tells the city, over MQTT: that something began, never a frame. It is kept until the city has acknowledged it.</summary>
internal sealed class RoomReports : IAsyncDisposable
{
    private const string PasswordVariable = "CITYSAFE_DEVICE_PASSWORD";
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(20);
    private readonly string device;
    private readonly DeviceLink link;
    private int acknowledged, refused;

    public static Option<string?> Broker { get; } = new("--broker") { Description = $"HOST:PORT over TLS, to tell the city when something out of the ordinary begins; the password is in {PasswordVariable}." };
    public static Option<string?> Authority { get; } = new("--broker-ca") { Description = "Certificates (PEM) by which the broker is known; the machine's own where left out." };
    public static Option<string?> Device { get; } = new("--device") { Description = "As it was registered, in the cell where it is fixed." };

    private RoomReports(string device, MqttOptions options)
    {
        this.device = device;
        var outbox = new DeviceOutbox(new OutboxOptions(), (ulong)TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
        link = new DeviceLink(device, options, outbox, TimeProvider.System, (_, taken) => Interlocked.Increment(ref taken ? ref acknowledged : ref refused));
    }

    /// <summary>Nothing where no broker is named.</summary>
    /// <exception cref="ArgumentException">Names what is missing.</exception>
    public static async Task<RoomReports?> Open(ParseResult parse, CancellationToken cancellation)
    {
        if (parse.GetValue(Broker) is not { } broker) return null;
        var (host, port) = HostAndPort.Parse("--broker", broker);
        var device = parse.GetValue(Device) ?? throw new ArgumentException("--broker needs --device, a registered one: citysafe devices register ID --cell CELL");
        var password = Environment.GetEnvironmentVariable(PasswordVariable) ?? throw new ArgumentException($"--broker needs the device's password in {PasswordVariable}");
        var reports = new RoomReports(device, new MqttOptions { Host = host, Port = port, Tls = MqttTls.FromFiles(parse.GetValue(Authority)), User = device, Password = password, ClientId = device });
        await reports.link.Connect(cancellation);
        return reports;
    }

    public void Tell(RoomEvent happened)
    {
        if (!link.AddEvent(happened.Of(device, link.ClusterTime))) Output.Note("an event was dropped: too many wait for the broker");
    }

    /// <summary>Waits for what is on its way, and says what became of it all.</summary>
    public async ValueTask DisposeAsync()
    {
        var began = TimeProvider.System.GetTimestamp();
        while (link.Waiting > 0 && TimeProvider.System.GetElapsedTime(began) < patience) await Task.Delay(50);
        Output.Note($"events: {acknowledged} acknowledged, {refused} refused{(link.Waiting > 0 ? $", {link.Waiting} not acknowledged: they are lost" : "")}");
        await link.DisposeAsync();
    }
}
