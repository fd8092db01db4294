using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using CitySafeSense.Edge;
using CitySafeSense.Hotspots;
using CitySafeSense.Mqtt;
using CitySafeSense.Sdk;
using CitySafeSense.Sensing;
using CitySafeSense.Silo.Devices;
using CitySafeSense.Tests.Mqtt;
using CitySafeSense.Wire;
using Microsoft.Extensions.DependencyInjection;

namespace CitySafeSense.EndToEnd;

/// <summary>Devices that are mosquitto_pub and mosquitto_sub, a broker of the silo's own, and what an operator and the public see of it.</summary>
public sealed class DeliveryTests : IAsyncLifetime
{
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(15);
    private readonly MqttSilo running = new();
    private CitySafeClient silo = null!;

    public async Task InitializeAsync() => silo = await running.Start();

    public Task DisposeAsync() => running.DisposeAsync();

    [BrokerFact]
    public async Task Twelve_devices_are_shown_and_nine_are_not_nor_one_a_hundred_times()
    {
        var (twelve, nine, one) = (Cell(-23.5505, -46.6333), Cell(-23.5605, -46.6533), Cell(-23.5405, -46.6133));
        string[] cells = [.. Enumerable.Repeat(twelve, 12), .. Enumerable.Repeat(nine, 9), one];
        var devices = await Register(cells);
        var now = DateTimeOffset.UtcNow;
        var waits = new ConcurrentBag<TimeSpan>();
        await Parallel.ForEachAsync(devices, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (device, _) =>
        {
            using var acks = await device.Listen();
            var began = Stopwatch.GetTimestamp();
            Assert.Equal(0, (await device.Publish(device.Id, Event(device.Id, now))).Code);
            var acknowledgement = JsonNode.Parse(await acks.Line(patience))!;
            waits.Add(Stopwatch.GetElapsedTime(began));
            Assert.NotEmpty(acknowledgement["events"]!.AsArray());
            acks.Kill();
        });
        Assert.All(waits, w => Assert.True(w < TimeSpan.FromSeconds(2), $"acknowledged after {w}"));
        var lonely = devices[^1];
        Assert.Equal(0, (await lonely.Publish(lonely.Id, [.. Enumerable.Range(1, 100).Select(n => Event(lonely.Id, now.AddMilliseconds(n)))])).Code);
        Assert.Equal(0, (await devices[0].Publish(devices[0].Id, Event(devices[0].Id, now))).Code); // said twice, counted once
        var counted = Stopwatch.GetTimestamp();
        while ((await silo.Counts(one)).Counted < 101 && Stopwatch.GetElapsedTime(counted) < patience) await Task.Delay(50);
        await silo.Settle();
        Assert.Equal((12, 9, 101), ((await silo.Counts(twelve)).Counted, (await silo.Counts(nine)).Counted, (await silo.Counts(one)).Counted));
        Assert.Empty((await silo.Hotspots()).Cells);

        await silo.SetClock(now.AddMinutes(5));
        var began = Stopwatch.GetTimestamp();
        while ((await silo.Hotspots()).Cells.Count == 0 && Stopwatch.GetElapsedTime(began) < patience) await Task.Delay(50);
        var released = Assert.Single((await silo.Hotspots()).Cells);
        Assert.Equal((twelve, 12), (released.Cell, released.Contributors));
    }

    [BrokerFact]
    public async Task What_is_late_or_not_the_devices_own_is_refused_by_name()
    {
        var cell = Cell(-23.5505, -46.6333);
        var devices = await Register([cell, cell]);
        var (ann, bob) = (devices[0], devices[1]);
        await ann.Publish(ann.Id, Event(ann.Id, new DateTimeOffset(2024, 5, 1, 12, 0, 0, TimeSpan.Zero)));
        await ann.Publish(ann.Id, Event(bob.Id, DateTimeOffset.UtcNow));
        await ann.Publish(ann.Id, "{ this is no event");
        var (_, said) = await ann.Publish(bob.Id, Event(bob.Id, DateTimeOffset.UtcNow));
        Assert.Contains("Not authorized", said, StringComparison.Ordinal);
        var began = Stopwatch.GetTimestamp();
        while ((await silo.DeadLetters()).Letters.Count < 3 && Stopwatch.GetElapsedTime(began) < patience) await Task.Delay(50);
        Assert.Equal(["bad_json", "not_your_topic", "too_late"], (await silo.DeadLetters()).Letters.Select(l => l.Reason).Order());
        using var spy = ann.Subscribe(bob.Id);
        Assert.Contains("denied", await spy.Error(patience), StringComparison.OrdinalIgnoreCase);
        await silo.Settle();
        Assert.Equal(0, (await silo.Counts(cell)).Counted);
    }

    [BrokerFact]
    public async Task A_revoked_device_is_out_at_once()
    {
        var device = (await Register([Cell(-23.5505, -46.6333)]))[0];
        using var connected = await device.Listen();
        var began = Stopwatch.GetTimestamp();
        await silo.RevokeDevice(device.Id);
        await connected.Exit(TimeSpan.FromSeconds(2));
        Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(2));
        Assert.NotEqual(0, (await device.Publish(device.Id, Event(device.Id, DateTimeOffset.UtcNow))).Code);
    }

    [BrokerFact]
    public async Task A_configuration_waits_for_a_device_that_is_offline_and_the_operator_sees_when_it_is_taken()
    {
        var device = (await Register([Cell(-23.5505, -46.6333)]))[0];
        Assert.Equal(1, await silo.ConfigureDevice(device.Id, """{"secondsBetweenWindows":60}"""));
        Assert.Equal(2, await silo.ConfigureDevice(device.Id, """{"secondsBetweenWindows":30}"""));
        foreach (var bad in new[] { "[]", "{", "7", "{} {}", $$"""{"long":"{{new string('x', 5000)}}"}""" })
            Assert.Equal(400, (await Assert.ThrowsAsync<CitySafeException>(() => silo.ConfigureDevice(device.Id, bad))).Status);
        Assert.Equal(404, (await Assert.ThrowsAsync<CitySafeException>(() => silo.ConfigureDevice("nobody", "{}"))).Status);
        Assert.Equal((2, null), ((await silo.RegisteredDevices()).Devices.Single().Configured, (await silo.RegisteredDevices()).Devices.Single().Runs));

        var taken = new ConcurrentQueue<DeviceConfiguration>();
        var options = new MqttOptions { Host = device.Host, Port = device.Port, Tls = MqttTls.FromFiles(device.AuthorityFile), User = device.Id, Password = device.Password, ClientId = device.Id };
        await using (var link = new DeviceLink(device.Id, options, new DeviceOutbox(new OutboxOptions(), 1), TimeProvider.System, configure: taken.Enqueue))
        {
            await link.Connect();
            await Until(d => d is { Runs: 2, Online: true });
            Assert.Equal((2, """{"secondsBetweenWindows":30}"""), (taken.Single().Number, System.Text.Encoding.UTF8.GetString(taken.Single().Settings)));
            await silo.ConfigureDevice(device.Id, """{"secondsBetweenWindows":15}""");
            await Until(d => d is { Configured: 3, Runs: 3 });
        }

        async Task Until(Predicate<RegisteredDeviceAnswer> reached)
        {
            var began = Stopwatch.GetTimestamp();
            while (!reached((await silo.RegisteredDevices()).Devices.Single()))
            {
                Assert.True(Stopwatch.GetElapsedTime(began) < patience, (await silo.RegisteredDevices()).Devices.Single().ToString());
                await Task.Delay(50);
            }
        }
    }

    [BrokerFact]
    public async Task A_forgotten_device_leaves_its_counts_and_nothing_else()
    {
        var cell = Cell(-23.5505, -46.6333);
        var device = (await Register([cell]))[0];
        var said = Event(device.Id, DateTimeOffset.UtcNow);
        await device.Publish(device.Id, said);
        var began = Stopwatch.GetTimestamp();
        while ((await silo.Counts(cell)).Counted < 1 && Stopwatch.GetElapsedTime(began) < patience) await Task.Delay(50);

        var forgotten = await silo.ForgetDevice(device.Id);
        Assert.Equal((true, false, true, false), (forgotten.Credential, forgotten.Learned, forgotten.Delivered, forgotten.Willing));
        Assert.DoesNotContain(device.Id, forgotten.Audit.Subject + forgotten.Audit.Detail, StringComparison.Ordinal);
        Assert.Equal(404, (await Assert.ThrowsAsync<CitySafeException>(() => silo.ForgetDevice(device.Id))).Status);
        Assert.NotEqual(0, (await device.Publish(device.Id, said)).Code);
        Assert.DoesNotContain((await silo.RegisteredDevices()).Devices, d => d.Device == device.Id);
        Assert.Equal(1, (await silo.Counts(cell)).Counted);

        // Registered anew it is a new device: the same event counts again. Entries of the audit follow each other.
        device = (await Register([cell]))[0];
        await device.Publish(device.Id, said);
        while ((await silo.Counts(cell)).Counted < 2 && Stopwatch.GetElapsedTime(began) < patience) await Task.Delay(50);
        Assert.Equal(2, (await silo.Counts(cell)).Counted);
        await silo.ForgetDevice(device.Id);
        var audit = (await silo.Audit()).Entries;
        Assert.Equal((2, 1), (audit[0].Number, audit[1].Number));
        Assert.Equal(("", audit[1].Hash, forgotten.Audit.Hash), (audit[1].Previous, audit[0].Previous, audit[1].Hash));
        Assert.Equal(audit[0].Subject, audit[1].Subject);
    }

    [BrokerFact]
    public async Task What_is_kept_of_a_silent_device_goes_when_its_days_are_over_and_it_stays_registered()
    {
        var cell = Cell(-23.5505, -46.6333);
        var devices = await Register([cell, cell]);
        var said = Event(devices[0].Id, DateTimeOffset.UtcNow);
        await devices[0].Publish(devices[0].Id, said);
        var began = Stopwatch.GetTimestamp();
        while ((await silo.Counts(cell)).Counted < 1 && Stopwatch.GetElapsedTime(began) < patience) await Task.Delay(50);

        var retention = running.Services.GetRequiredService<DeviceRetention>();
        var today = DateOnly.FromDateTime(DateTime.UtcNow); // the silo's clock is the real one, and notes the day itself
        await retention.Note();
        Assert.Equal((0, 1, 0), (await retention.Sweep(today.AddDays(30)), await retention.Sweep(today.AddDays(31)), await retention.Sweep(today.AddDays(31))));
        Assert.Equal("expire", (await silo.Audit()).Entries[0].Action);
        var left = await silo.ForgetDevice(devices[0].Id);
        Assert.Equal((true, false, false, false), (left.Credential, left.Learned, left.Delivered, left.Willing));
        Assert.Equal(1, (await silo.Counts(cell)).Counted);
    }

    [BrokerFact]
    public async Task A_device_whose_clock_is_wrong_is_told_the_time_and_heard_from_then_on()
    {
        var device = (await Register([Cell(-23.5505, -46.6333)]))[0];
        var settled = new ConcurrentQueue<bool>();
        var options = new MqttOptions { Host = device.Host, Port = device.Port, Tls = MqttTls.FromFiles(device.AuthorityFile), User = device.Id, Password = device.Password, ClientId = device.Id };
        await using var link = new DeviceLink(device.Id, options, new DeviceOutbox(new OutboxOptions(), 1), new SlowClock(TimeSpan.FromHours(3)), (_, taken) => settled.Enqueue(taken));
        await link.Connect();
        foreach (var expected in new[] { false, true })
        {
            link.AddEvent(new DeviceEvent(device.Id, link.ClusterTime.ToUnixTimeMilliseconds(), ActivityClass.ForcedMovement, 0.9f, new(1, 0), null));
            var began = Stopwatch.GetTimestamp();
            while (settled.IsEmpty && Stopwatch.GetElapsedTime(began) < patience) await Task.Delay(20);
            Assert.True(settled.TryDequeue(out var taken) && taken == expected);
        }
        Assert.InRange((link.ClusterTime - DateTimeOffset.UtcNow).TotalSeconds, -2, 2);
        Assert.Equal("too_late", (await silo.DeadLetters()).Letters.Single().Reason);
    }

    /// <summary>As of a device without a battery for its clock.</summary>
    private sealed class SlowClock(TimeSpan behind) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() - behind;
    }

    private async Task<MosquittoDevice[]> Register(string[] cells)
    {
        var answer = await silo.RegisterDevices(new RegisterDevices([.. cells.Select((cell, i) => new DeviceToRegister(string.Create(CultureInfo.InvariantCulture, $"lamp-{i:D2}"), cell))]));
        var authority = running.AuthorityFile;
        return [.. answer.Credentials.Select(c => new MosquittoDevice(c.Device, c.Password, answer.Broker!.Host, answer.Broker.Port, authority))];
    }

    private static string Cell(double latitude, double longitude) => H3.LatLngToCell(new(latitude, longitude), 9).ToString();

    /// <summary>As the first devices of such a system sent it.</summary>
    private static string Event(string device, DateTimeOffset at) => new JsonObject
    {
        ["device"] = device,
        ["timestamp"] = at.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture),
        ["event"] = "forced_displacement",
        ["probability"] = 0.87,
        ["vector"] = new JsonArray(1.5, -2.0, 0.0),
    }.ToJsonString();
}
