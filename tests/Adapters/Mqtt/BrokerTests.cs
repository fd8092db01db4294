using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using CitySafeSense.Mqtt;

namespace CitySafeSense.Tests.Mqtt;

/// <summary>The client beside a real Mosquitto, and beside other clients.</summary>
public class BrokerTests
{
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(20);

    [BrokerFact]
    public async Task Messages_of_both_qualities_arrive_in_order_over_TLS()
    {
        await using var broker = await TestBroker.Start();
        await broker.Add("ann", "bob");
        var came = new BlockingCollection<(string, MqttQuality)>();
        await using var bob = new MqttClient(broker.As("bob"), async m =>
        {
            came.Add((Encoding.UTF8.GetString(m.Payload), m.Quality));
            await m.Acknowledge();
        });
        await bob.Connect();
        await bob.Subscribe([("all/+", MqttQuality.AtLeastOnce)]);
        await using var ann = new MqttClient(broker.As("ann"));
        await ann.Connect();
        for (var n = 0; n < 500; n++) await ann.Publish("all/numbers", Encoding.UTF8.GetBytes($"{n}"), (MqttQuality)(n % 2));
        for (var n = 0; n < 500; n++)
        {
            Assert.True(came.TryTake(out var next, patience));
            Assert.Equal(($"{n}", (MqttQuality)(n % 2)), next);
        }
    }

    [BrokerFact]
    public async Task Rights_passwords_and_certificates_are_kept()
    {
        await using var broker = await TestBroker.Start();
        await broker.Add("ann", "bob");
        await using (var wrong = new MqttClient(broker.As("ann", "wrong")))
            Assert.True((await Assert.ThrowsAsync<MqttRefusedException>(() => wrong.Connect())).IsForGood);
        await using (var distrustful = new MqttClient(broker.As("ann") with { Tls = MqttTls.FromFiles() }))
            Assert.Contains("not trusted", (await Assert.ThrowsAsync<MqttException>(() => distrustful.Connect())).Message, StringComparison.Ordinal);
        await using var ann = new MqttClient(broker.As("ann"));
        await ann.Connect();
        Assert.Contains("bob/secret", (await Assert.ThrowsAsync<MqttException>(() => ann.Publish("bob/secret", default, MqttQuality.AtLeastOnce))).Message, StringComparison.Ordinal);
        Assert.Contains("not authorised", (await Assert.ThrowsAsync<MqttException>(() => ann.Subscribe([("bob/#", MqttQuality.AtLeastOnce)]))).Message, StringComparison.Ordinal);
        Assert.Contains("packets of 524288 bytes", (await Assert.ThrowsAsync<MqttException>(() => ann.Publish("all/x", new byte[1 << 20], MqttQuality.AtLeastOnce))).Message, StringComparison.Ordinal);
    }

    [BrokerFact]
    public async Task What_is_not_acknowledged_comes_again_to_the_session_and_the_will_is_sent_by_nobody_else()
    {
        await using var broker = await TestBroker.Start();
        await broker.Add("ann", "bob");
        await using var ann = new MqttClient(broker.As("ann"));
        await ann.Connect();
        var session = broker.As("bob") with { ClientId = "bob-1", CleanStart = false, SessionExpiry = TimeSpan.FromMinutes(5), Will = new("bob/gone", "by accident"u8.ToArray()) };
        var (held, first) = (new List<MqttMessage>(), new TaskCompletionSource());
        await using (var bob = new MqttClient(session, m =>
        {
            held.Add(m); // and never acknowledged
            if (held.Count == 3) first.TrySetResult();
            return default;
        }))
        {
            await bob.Connect();
            await bob.Subscribe([("all/#", MqttQuality.AtLeastOnce)]);
            for (var n = 0; n < 3; n++) await ann.Publish("all/x", new byte[] { (byte)n }, MqttQuality.AtLeastOnce);
            await first.Task.WaitAsync(patience);
        }
        await ann.Publish("all/x", new byte[] { 3 }, MqttQuality.AtLeastOnce); // while nobody is there
        var again = new BlockingCollection<MqttMessage>();
        await using var back = new MqttClient(session, async m =>
        {
            again.Add(m);
            await m.Acknowledge();
        });
        var present = false;
        back.Connected += p => present = p;
        await back.Connect();
        for (var n = 0; n < 4; n++)
        {
            Assert.True(again.TryTake(out var next, patience));
            Assert.Equal((n, n < 3), (next.Payload[0], next.IsDuplicate));
        }
        Assert.True(present);
    }

    /// <summary>Mosquitto comes back from its disk with the session, but without what it shared.</summary>
    [BrokerFact]
    public async Task A_shared_subscription_of_a_kept_session_outlives_a_restart_of_the_broker()
    {
        await using var broker = await TestBroker.Start();
        await broker.Add("ann");
        var (came, back) = (new BlockingCollection<string>(), new TaskCompletionSource());
        var isFirst = true;
        var reader = broker.As("ann") with { ClientId = "reader", CleanStart = false, SessionExpiry = TimeSpan.FromHours(1), Subscriptions = [("$share/readers/all/+", MqttQuality.AtLeastOnce)] };
        await using var ann = new MqttClient(reader, async m =>
        {
            came.Add(Encoding.UTF8.GetString(m.Payload));
            await m.Acknowledge();
        });
        ann.Connected += present =>
        {
            if (!isFirst && present) back.TrySetResult();
            isFirst = false;
        };
        await ann.Connect();
        await broker.AddWhileDown("bob");
        await back.Task.WaitAsync(patience);
        await using var bob = new MqttClient(broker.As("bob"));
        await bob.Connect();
        await bob.Publish("all/x", "after"u8.ToArray(), MqttQuality.AtLeastOnce);
        Assert.True(came.TryTake(out var next, patience));
        Assert.Equal("after", next);
    }

    [BrokerFact]
    public async Task A_killed_broker_is_found_again_and_the_subscriptions_with_it()
    {
        await using var broker = await TestBroker.Start();
        await broker.Add("ann");
        var came = new BlockingCollection<string>();
        await using var ann = new MqttClient(broker.As("ann"), async m =>
        {
            came.Add(Encoding.UTF8.GetString(m.Payload));
            await m.Acknowledge();
        });
        await ann.Connect();
        await ann.Subscribe([("ann/#", MqttQuality.AtLeastOnce)]);
        using (var process = Process.GetProcessById(broker.Broker.ProcessId)) process.Kill();
        await broker.Broker.Exited;
        var published = ann.Publish("ann/x", "after"u8.ToArray(), MqttQuality.AtLeastOnce); // waits for the next connection
        await broker.Broker.Start(CancellationToken.None);
        await published.WaitAsync(patience);
        Assert.True(came.TryTake(out var text, patience));
        Assert.Equal("after", text);
    }

    [BrokerFact]
    public async Task The_will_of_a_lost_connection_is_published_and_kept()
    {
        await using var broker = await TestBroker.Start();
        await broker.Add("ann");
        using (var script = Python(broker, """
            import os
            client.will_set("ann/status", "lost", qos=1, retain=True)
            client.on_connect = lambda *_: os._exit(0)
            """)) await script.WaitForExitAsync();
        var came = new TaskCompletionSource<MqttMessage>();
        await using var ann = new MqttClient(broker.As("ann"), m =>
        {
            came.TrySetResult(m);
            return m.Acknowledge();
        });
        await ann.Connect();
        await ann.Subscribe([("ann/status", MqttQuality.AtLeastOnce)]);
        Assert.Equal("lost", Encoding.UTF8.GetString((await came.Task.WaitAsync(patience)).Payload));
    }

    /// <summary>python3-paho-mqtt on the other side.</summary>
    [BrokerFact]
    public Task Paho_reads_what_this_client_writes_and_the_other_way_round() => Echo(broker => Python(broker, """
        client.on_message = lambda c, u, m: c.publish("all/echo", m.payload, qos=1)
        client.on_subscribe = lambda c, *_: c.publish("all/ready", "", qos=1)
        client.on_connect = lambda c, *_: c.subscribe("all/say", qos=1)
        """));

    /// <summary>The client of npm, mqtt, on the other side.</summary>
    [NodeFact]
    public Task Mqtt_js_reads_what_this_client_writes_and_the_other_way_round() => Echo(broker => Process.Start(new ProcessStartInfo("node", [
        NodeFactAttribute.Script!, broker.Broker.Host, $"{broker.Broker.Port}", broker.Broker.AuthorityFile, "ann", "ann's password"]))!);

    /// <summary>The other side echoes, and what it echoes is what was sent.</summary>
    private static async Task Echo(Func<TestBroker, Process> start)
    {
        await using var broker = await TestBroker.Start();
        await broker.Add("ann");
        var came = new BlockingCollection<byte[]>();
        var ready = new TaskCompletionSource();
        await using var ann = new MqttClient(broker.As("ann"), async m =>
        {
            await m.Acknowledge();
            if (m.Topic == "all/ready") ready.TrySetResult();
            else came.Add(m.Payload);
        });
        await ann.Connect();
        await ann.Subscribe([("all/echo", MqttQuality.AtLeastOnce), ("all/ready", MqttQuality.AtLeastOnce)]);
        using var other = start(broker);
        try
        {
            await ready.Task.WaitAsync(patience);
            foreach (var length in new[] { 0, 1, 127, 128, 16_384, 100_000 })
            {
                var payload = new byte[length];
                new Random(length).NextBytes(payload);
                await ann.Publish("all/say", payload, MqttQuality.AtLeastOnce);
                Assert.True(came.TryTake(out var echo, patience), $"{length} bytes");
                Assert.Equal(payload, echo);
            }
        }
        finally
        {
            other.Kill();
        }
    }

    [BrokerFact]
    public async Task A_thousand_connections_live_in_one_process()
    {
        await using var broker = await TestBroker.Start();
        await broker.Add("ann");
        var came = 0;
        var all = new TaskCompletionSource();
        await using var counter = new MqttClient(broker.As("ann") with { ReceiveMaximum = 65_535 }, m =>
        {
            if (Interlocked.Increment(ref came) == 1000) all.TrySetResult();
            return m.Acknowledge();
        });
        await counter.Connect();
        await counter.Subscribe([("all/#", MqttQuality.AtLeastOnce)]);
        var options = broker.As("ann") with { SendMaximum = 4 };
        var clients = new ConcurrentBag<MqttClient>();
        await Parallel.ForEachAsync(Enumerable.Range(0, 1000), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (n, cancellation) =>
        {
            var client = new MqttClient(options);
            clients.Add(client);
            await client.Connect(cancellation);
        });
        await Task.WhenAll(clients.Select(c => c.Publish("all/x", default, MqttQuality.AtLeastOnce)));
        await all.Task.WaitAsync(patience);
        await Task.WhenAll(clients.Select(c => c.DisposeAsync().AsTask()));
    }

    private static Process Python(TestBroker broker, string body) => Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-c", $"""
        import ssl, paho.mqtt.client as mqtt
        client = mqtt.Client(protocol=mqtt.MQTTv5)
        client.tls_set({Quoted(broker.Broker.AuthorityFile)})
        client.username_pw_set("ann", "ann's password")
        {body}
        client.connect({Quoted(broker.Broker.Host)}, {broker.Broker.Port})
        client.loop_forever()
        """]))!;

    private static string Quoted(string text) => $"\"{text}\"";
}
