using System.Net;
using System.Net.Sockets;
using CitySafeSense.Mqtt;

namespace CitySafeSense.Tests.Mqtt;

/// <summary>A peer that says what it likes: the client ends the connection with a named error, comes back, and never hangs or throws elsewhere.</summary>
public sealed class HostilePeerTests : IDisposable
{
    private const string ConnAck = "2003000000";
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);

    public HostilePeerTests() => listener.Start();

    private MqttOptions Options => new() { Host = "127.0.0.1", Port = ((IPEndPoint)listener.LocalEndpoint).Port, ConnectTimeout = TimeSpan.FromSeconds(2), KeepAlive = TimeSpan.FromSeconds(1), MaximumPacketBytes = 4096 };

    public void Dispose() => listener.Dispose();

    [Theory]
    [InlineData("485454502F312E3120343030", "did not begin with CONNACK")] // HTTP/1.1 400
    [InlineData("30050001610061", "did not begin with CONNACK")]
    [InlineData("2003008700", "refused nobody: not authorised")]
    [InlineData("20FFFFFFFFFF", "remaining length that is none")]
    [InlineData("", "did not begin with CONNACK")]
    public async Task A_bad_beginning_is_a_named_error(string hex, string error)
    {
        var peer = Answer(hex, closes: true);
        await using var client = new MqttClient(Options with { User = "nobody" });
        var refused = await Assert.ThrowsAnyAsync<MqttException>(() => client.Connect());
        Assert.Contains(error, refused.Message, StringComparison.Ordinal);
        await peer;
    }

    [Fact]
    public async Task A_silent_peer_is_given_up_in_time()
    {
        var peer = Answer("", closes: false);
        await using var client = new MqttClient(Options with { ConnectTimeout = TimeSpan.FromMilliseconds(300) });
        Assert.Contains("did not answer within 0.3 s", (await Assert.ThrowsAsync<MqttException>(() => client.Connect())).Message, StringComparison.Ordinal);
        try
        {
            (await peer).Dispose();
        }
        catch (EndOfStreamException)
        {
            // On a busy machine it was given up before it had sent anything.
        }
    }

    [Fact]
    public async Task Plain_TCP_where_TLS_is_expected_is_said_so()
    {
        var peer = Answer(ConnAck, closes: true);
        await using var client = new MqttClient(Options with { Tls = MqttTls.FromFiles() });
        await Assert.ThrowsAsync<MqttException>(() => client.Connect());
        await peer;
    }

    [Theory]
    [InlineData("F000", "type 15, which no broker sends")]
    [InlineData("30FF7F", "16386 bytes; 4096 are the limit")]
    [InlineData("2003000000", "CONNACK twice")]
    [InlineData("3207000000000323000141", "malformed|alias")]
    [InlineData("300600000323000541", "topic alias 5, which it never explained")]
    [InlineData("E0018E", "another connection took over the session")]
    [InlineData("40020001", null)] // acknowledges what was never sent: passed over
    public async Task Nonsense_after_the_beginning_ends_the_connection_by_name(string hex, string? error)
    {
        var why = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var peer = Answer(ConnAck + hex, closes: false);
        await using var client = new MqttClient(Options);
        client.Disconnected += reason => why.TrySetResult(reason);
        // What follows at once may end the connection before anybody has heard that there was one.
        await Task.WhenAny(client.Connect(), why.Task).WaitAsync(TimeSpan.FromSeconds(20));
        if (error is null) Assert.False(await Task.WhenAny(why.Task, Task.Delay(200)) == why.Task);
        else Assert.Matches(error, await why.Task.WaitAsync(TimeSpan.FromSeconds(5)));
        (await peer.WaitAsync(TimeSpan.FromSeconds(20))).Dispose();
    }

    [Fact]
    public async Task A_peer_that_falls_silent_is_noticed_by_keep_alive()
    {
        var why = new TaskCompletionSource<string>();
        var peer = Answer(ConnAck, closes: false);
        await using var client = new MqttClient(Options);
        client.Disconnected += reason => why.TrySetResult(reason);
        await client.Connect();
        Assert.Contains("silent for 1.5 s", await why.Task.WaitAsync(TimeSpan.FromSeconds(10)), StringComparison.Ordinal);
        (await peer).Dispose();
    }

    [Fact]
    public async Task What_no_connection_acknowledged_goes_out_again_on_the_next_one()
    {
        await using var client = new MqttClient(Options with { SessionExpiry = TimeSpan.FromMinutes(1), ClientId = "c" }, chance: () => 0);
        var first = Answer(ConnAck, closes: false);
        await client.Connect();
        var published = client.Publish("a", "x"u8.ToArray(), MqttQuality.AtLeastOnce);
        using (var lost = await first) await Expect(lost, "3207000161" + "0001" + "00" + "78");
        using var second = await Answer("2003010000", closes: false); // session present
        await Expect(second, "3A07000161" + "0001" + "00" + "78"); // with DUP
        Assert.False(published.IsCompleted);
        await second.Client.SendAsync(Convert.FromHexString("40020001"));
        Assert.Equal(0, await published.WaitAsync(TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public async Task More_than_the_brokers_receive_maximum_waits()
    {
        await using var client = new MqttClient(Options);
        var accepting = Answer("2006000003210002", closes: false);
        await client.Connect();
        var published = Enumerable.Range(0, 3).Select(_ => client.Publish("a", "x"u8.ToArray(), MqttQuality.AtLeastOnce)).ToArray();
        using var peer = await accepting;
        await Expect(peer, "3207000161" + "0001" + "00" + "78" + "3207000161" + "0002" + "00" + "78");
        Assert.Equal(0, peer.Available);
        await peer.Client.SendAsync(Convert.FromHexString("40020002"));
        await Expect(peer, "3207000161" + "0003" + "00" + "78");
        await peer.Client.SendAsync(Convert.FromHexString("4002000140020003"));
        await Task.WhenAll(published).WaitAsync(TimeSpan.FromSeconds(5));
    }

    /// <summary>Takes one connection, reads its CONNECT, and says this.</summary>
    private async Task<TcpClient> Answer(string hex, bool closes)
    {
        var peer = await listener.AcceptTcpClientAsync();
        var header = new byte[2];
        await peer.GetStream().ReadExactlyAsync(header);
        if (header[0] == 0x10) await peer.GetStream().ReadExactlyAsync(new byte[header[1]]);
        await peer.Client.SendAsync(Convert.FromHexString(hex));
        if (closes) peer.Dispose();
        return peer;
    }

    private static async Task Expect(TcpClient peer, string hex)
    {
        var bytes = new byte[hex.Length / 2];
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await peer.GetStream().ReadExactlyAsync(bytes, patience.Token);
        Assert.Equal(hex, Convert.ToHexString(bytes));
    }
}
