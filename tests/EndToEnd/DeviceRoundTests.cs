using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using CitySafeSense.Edge;
using CitySafeSense.Federation;
using CitySafeSense.Hotspots;
using CitySafeSense.Mqtt;
using CitySafeSense.Numerics;
using CitySafeSense.Privacy;
using CitySafeSense.Sdk;
using CitySafeSense.Sensing;
using CitySafeSense.Sensing.Generator;
using CitySafeSense.Tests.Mqtt;
using CitySafeSense.Wire;

namespace CitySafeSense.EndToEnd;

/// <summary>Federated rounds in which devices train by themselves and speak MQTT, beside virtual ones whose grains train.</summary>
public sealed class DeviceRoundTests : IAsyncLifetime
{
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(30);
    private readonly MqttSilo running = new();
    private readonly List<(DeviceLink Link, RoundMember Member)> devices = [];
    private readonly ConcurrentBag<RoundDownlink?> heard = [];
    private readonly Dictionary<string, string> passwords = [];
    private CitySafeClient silo = null!;
    private BrokerAnswer broker = null!;

    public async Task InitializeAsync() => silo = await running.Start();

    public async Task DisposeAsync()
    {
        foreach (var (link, member) in devices)
        {
            await link.DisposeAsync();
            member.Dispose();
        }
        await running.DisposeAsync();
    }

    [BrokerFact]
    public async Task Devices_and_virtual_ones_train_in_one_round_and_what_is_personal_stays_on_the_device()
    {
        await Connect(6);
        await SendWindows(6);
        await Until(async () => (await silo.Rounds()).CheckedInDevices == 12);
        var first = await Round(new StartRound("fedala", 12, 1, OverSelection: 1));
        Assert.Equal(("Committed", 12, 12), (first.Phase, first.Invited, first.Reported));
        var second = await Round(new StartRound("fedala", 12, 1, OverSelection: 1, Codec: "int8"));
        Assert.Equal(("Committed", 12), (second.Phase, second.Reported));
        Assert.Equal(first.Outcome, second.BaseModel);
        await Until(() => Task.FromResult(devices.All(d => d.Link.RoundsReported == 2)));
        Assert.All(devices, d =>
        {
            Assert.Equal((first.Outcome, 2), (d.Member.GlobalModel, d.Member.LastRound));
            Assert.NotEqual(0, d.Member.Personal!.Weights.Length);
            Assert.NotEmpty(d.Member.Personal.Residual); // what int8 left out
        });
        foreach (var i in Enumerable.Range(0, 6))
        {
            var (own, grown) = (await silo.Device(Id(i)), await silo.Device(Virtual(i)));
            Assert.Equal((2, null, 0), (own.LastRound, own.PersonalModel, own.BufferedWindows));
            Assert.True(grown is { LastRound: 2, PersonalModel: not null, BufferedWindows: 16 });
        }
    }

    [BrokerFact]
    public async Task In_a_secure_round_an_update_is_masked_on_the_device()
    {
        await Connect(32);
        await Until(async () => (await silo.Rounds()).CheckedInDevices == 32);
        var round = await Round(new StartRound("fedavg", 32, 1, OverSelection: 1, SecureSum: true));
        Assert.Equal(("Committed", 32), (round.Phase, round.Reported));
        Assert.NotEqual(round.BaseModel, round.Outcome);
        await Until(() => Task.FromResult(devices.All(d => d.Link.RoundsReported == 1)));
    }

    [BrokerFact]
    public async Task Devices_offer_themselves_again_after_a_restart_and_a_round_goes_on_without_one_that_is_lost()
    {
        await Connect(4);
        await Until(async () => (await silo.Rounds()).CheckedInDevices == 4);
        Assert.Equal("Committed", (await Round(new StartRound("fedavg", 4, 1, OverSelection: 1))).Phase);
        await running.Stop();
        silo = await running.Start();
        foreach (var (link, _) in devices) await link.DisposeAsync();
        devices.Clear();
        await Connect(4, again: true);
        await Until(async () => (await silo.Rounds()).CheckedInDevices == 4);
        await devices[0].Link.DisposeAsync();
        devices.RemoveAt(0);
        var round = await Round(new StartRound("fedavg", 4, 1, OverSelection: 1, DeadlineSeconds: 5));
        Assert.Equal(("Committed", 4, 3), (round.Phase, round.Invited, round.Reported));
    }

    [BrokerFact]
    public async Task Nonsense_on_the_topic_of_updates_is_a_dead_letter_and_an_update_that_does_not_fit_is_refused_to_its_sender()
    {
        await Connect(4);
        await Until(async () => (await silo.Rounds()).CheckedInDevices == 4);
        var credential = (await silo.RotateDevice(Id(3))).Credentials.Single(); // its own connection ends with that
        await using var hostile = new MqttClient(Options(credential.Device, credential.Password), m =>
        {
            heard.Add(RoundWire.DecodeDownlink(m.Payload));
            return m.Acknowledge();
        });
        await hostile.Connect();
        var topic = DeviceTopics.Of(Id(3), DeviceTopic.Updates);
        var round = Round(new StartRound("fedavg", 4, 1, OverSelection: 1, DeadlineSeconds: 6));
        await Until(() => Task.FromResult(heard.OfType<RoundDownlink.Invited>().Any()));
        await hostile.Publish(topic, new byte[5000], MqttQuality.AtLeastOnce);
        foreach (var update in new[] { new byte[7], NotFinite(10_327), [] })
            await hostile.Publish(topic, RoundWire.Encode(new RoundUplink.Reported(1, 8, 0.5, update)), MqttQuality.AtLeastOnce);
        await hostile.Publish(topic, RoundWire.Encode(new RoundUplink.Seated("default/1/0", 0, [1])), MqttQuality.AtLeastOnce);
        var over = await round;
        Assert.Equal(("Committed", 3), (over.Phase, over.Reported));
        Assert.Equal(Enumerable.Repeat("bad_update", 4), (await silo.DeadLetters()).Letters.Select(l => l.Reason));
        Assert.Contains(heard.OfType<RoundDownlink.Heard>(), h => h.Refusal?.Contains("bytes", StringComparison.Ordinal) == true);
    }


    private static byte[] NotFinite(int values) => System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(Enumerable.Repeat(float.NaN, values).ToArray()).ToArray();

    private static string Id(int i) => string.Create(CultureInfo.InvariantCulture, $"lamp-{i:D2}");

    private static string Virtual(int i) => string.Create(CultureInfo.InvariantCulture, $"phone-{i:D2}");

    private MqttOptions Options(string device, string password) => new() { Host = broker.Host, Port = broker.Port, Tls = MqttTls.FromFiles(running.AuthorityFile), User = device, Password = password, ClientId = device, Subscriptions = [(DeviceTopics.Of(device, DeviceTopic.Rounds), MqttQuality.AtLeastOnce)] };

    /// <summary>Devices with sixteen windows of one person each.</summary>
    private async Task Connect(int count, bool again = false)
    {
        if (!again)
        {
            var answer = await silo.RegisterDevices(new RegisterDevices([.. Enumerable.Range(0, count).Select(i => new DeviceToRegister(Id(i), null))]));
            foreach (var c in answer.Credentials) passwords[c.Device] = c.Password;
        }
        broker = (await silo.Ingest()).Broker!;
        for (var i = 0; i < count; i++)
        {
            var windows = Windows(i);
            var member = new RoundMember(Id(i), () => windows, new SeededBytes(Rng.For(1, Id(i))));
            var link = new DeviceLink(Id(i), Options(Id(i), passwords[Id(i)]), new DeviceOutbox(new OutboxOptions(), 1), TimeProvider.System, member: member);
            devices.Add((link, member));
            await link.Connect();
        }
    }

    /// <summary>The same from virtual devices, whose grains keep them.</summary>
    private async Task SendWindows(int count)
    {
        var cell = H3.LatLngToCell(new(-23.5505, -46.6333), 9).Value;
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        byte[][] frames = [.. Enumerable.Range(0, count).SelectMany(i => Windows(100 + i).Select((w, n) => WindowFrame.Encode(new WindowHeader(Virtual(i), 1, (ulong)n + 1, now, cell, 2, (byte)w.Label), w.Window)))];
        Assert.Equal(frames.Length, (await running.Post(frames)).Accepted);
    }

    private static (SensorWindow Window, int Label)[] Windows(int person)
    {
        var rng = Rng.For(1, "person", person.ToString(CultureInfo.InvariantCulture));
        var signal = new PersonSignal(Person.Draw(1, person), rng);
        return [.. Enumerable.Range(0, 16).Select(i => (ActivityClass)(i % ActivityClasses.Count)).Select(activity => (signal.Next(activity, Manoeuvres.Draw(activity, rng)), (int)activity))];
    }

    private async Task<RoundAnswer> Round(StartRound start)
    {
        var number = await silo.StartRound(start);
        await Until(async () => (await silo.Rounds()).Rounds.Single(r => r.Round == number).Ended is not null);
        return (await silo.Rounds()).Rounds.Single(r => r.Round == number);
    }

    private static async Task Until(Func<Task<bool>> reached)
    {
        var began = Stopwatch.GetTimestamp();
        while (!await reached())
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < patience, "it did not come to that");
            await Task.Delay(50);
        }
    }
}
