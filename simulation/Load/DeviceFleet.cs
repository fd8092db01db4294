using System.Diagnostics;
using System.Globalization;
using CitySafeSense.City;
using CitySafeSense.Mqtt;
using CitySafeSense.Numerics;
using CitySafeSense.Sensing;
using CitySafeSense.Sensing.Generator;

namespace CitySafeSense.Load;

/// <summary>What a fleet of virtual devices is told.</summary>
public sealed record FleetOptions
{
    /// <summary>Where the broker is; users and passwords are those of the devices.</summary>
    public required MqttOptions Broker { get; init; }

    /// <summary>User and password of each.</summary>
    public required IReadOnlyList<(string Device, string Password)> Devices { get; init; }

    /// <summary>Messages a second, over all devices; 0 = as many as the cluster gives credit for.</summary>
    public double MessagesPerSecond { get; init; }

    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long they send before rate and latencies count.</summary>
    public TimeSpan WarmUp { get; init; }

    /// <summary>Share of the messages that are events of some 200 bytes; the rest are windows of 4 kB.</summary>
    public double EventShare { get; init; }

    /// <summary>Windows that a device has on its way and in store, at most.</summary>
    public int OutboxWindows { get; init; } = 128;

    public TimeSpan ResendAfter { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How often a device restarts, on average: with a new epoch, and without what was not acknowledged. Zero is never.</summary>
    public TimeSpan RestartEvery { get; init; }

    /// <summary>Labelled windows that each device has to learn from; with none it takes no part in federated rounds.</summary>
    public int LearnFrom { get; init; }

    public int Cells { get; init; } = 60;
    public ulong Seed { get; init; } = 1;
}

/// <summary>What a fleet did.</summary>
/// <param name="Seconds">In which it sent, after warming up.</param>
/// <param name="PerSecond">Acknowledged in them.</param>
/// <param name="SettleSeconds">From the last message to the last acknowledgement.</param>
/// <param name="LongestEventGapSeconds">The longest time in which no event was acknowledged, while they sent.</param>
/// <param name="MessageBytes">Payload of one, on average.</param>
/// <param name="Unsettled">Neither acknowledged nor refused when patience ended.</param>
/// <param name="RoundsReported">Contributions to federated rounds, over all devices.</param>
public sealed record FleetReport(
    long Sent, long Acknowledged, long AcknowledgedEvents, long Refused, long Shed, long Resent, long Restarts, long Unsettled, double Seconds, double PerSecond,
    double P50Seconds, double P95Seconds, double P99Seconds, double SettleSeconds, double LongestEventGapSeconds, int MessageBytes, long RoundsReported = 0);

/// <summary>Thousands of virtual devices in one process, each with a connection, a credential and an outbox of its own.</summary>
public sealed class DeviceFleet(FleetOptions options, Ledger ledger, TimeProvider time)
{
    private const int Patterns = 256, ParallelConnects = 16;
    private readonly FleetTally tally = new(ledger);

    private volatile bool stop;

    /// <summary>Ends the sending early; what was sent is still waited for.</summary>
    public void StopSending() => stop = true;

    /// <param name="progress">Called about once a second with acknowledged messages.</param>
    /// <param name="meanwhile">What goes on with these devices: they stay until it is over.</param>
    public async Task<FleetReport> Run(Action<long>? progress, CancellationToken cancellation, Task? meanwhile = null)
    {
        var (patterns, city) = (DrawPatterns(), new VirtualCity(options.Cells));
        var devices = options.Devices.Select((d, i) => new VirtualDevice(options, tally, patterns, d.Device, d.Password, i, city.Cells[i % city.Cells.Count], time)).ToArray();
        await Parallel.ForEachAsync(devices, new ParallelOptions { MaxDegreeOfParallelism = ParallelConnects, CancellationToken = cancellation }, async (d, token) => await d.Connect(token));
        var began = Stopwatch.GetTimestamp();
        // As fast as there is room takes every core; a rate is kept by one.
        var senders = options.MessagesPerSecond > 0 ? 1 : Math.Min(Environment.ProcessorCount, devices.Length);
        var sending = Task.WhenAll(Enumerable.Range(0, senders).Select(s => Task.Run(() => Send([.. devices.Where((_, i) => i % senders == s)], s, s == 0 ? progress : null, began, cancellation), cancellation)));
        if (await Task.WhenAny(sending, Task.Delay(options.WarmUp, cancellation)) != sending) tally.Begin();
        await sending;
        var seconds = tally.StopSending();
        var settling = Stopwatch.GetTimestamp();
        await Settle(devices, cancellation);
        var settled = Stopwatch.GetElapsedTime(settling).TotalSeconds;
        if (meanwhile is not null) await Task.WhenAny(meanwhile);
        var unsettled = devices.Sum(d => (long)d.Waiting);
        await Parallel.ForEachAsync(devices, CancellationToken.None, async (d, _) => await d.DisposeAsync());
        return tally.Report(seconds, settled, unsettled) with { RoundsReported = devices.Sum(d => (long)d.RoundsReported) };
    }

    /// <summary>Every device in its turn, as fast as was asked; without a rate, as long as it has room.</summary>
    private async Task Send(VirtualDevice[] devices, int sender, Action<long>? progress, long began, CancellationToken cancellation)
    {
        var (rng, next, told) = (Rng.For(options.Seed, "fleet", sender.ToString(CultureInfo.InvariantCulture)), 0, began);
        var restartChance = options.RestartEvery > TimeSpan.Zero && options.MessagesPerSecond > 0 ? devices.Length / (options.RestartEvery.TotalSeconds * options.MessagesPerSecond) : 0;
        var messagesAtOnce = devices.Length * (options.MessagesPerSecond > 0 ? 16 : 1); // a flood is more than one round between two sleeps
        while (!stop && Stopwatch.GetElapsedTime(began) < options.WarmUp + options.Duration)
        {
            var due = options.MessagesPerSecond > 0 ? (long)(options.MessagesPerSecond * Stopwatch.GetElapsedTime(began).TotalSeconds) - tally.Offered : long.MaxValue;
            var idle = true;
            for (var n = 0; n < messagesAtOnce && due > 0; n++)
            {
                var device = devices[next++ % devices.Length];
                if (options.MessagesPerSecond == 0 && !device.HasRoom) continue;
                if (restartChance > 0 && rng.Chance(restartChance)) await device.Restart(cancellation);
                device.Say(isEvent: rng.Chance(options.EventShare));
                (idle, due) = (false, due - 1);
            }
            if (idle || options.MessagesPerSecond > 0) await Task.Delay(1, cancellation);
            else await Task.Yield();
            if (Stopwatch.GetElapsedTime(told) > TimeSpan.FromSeconds(1))
            {
                progress?.Invoke(tally.Acknowledged);
                told = Stopwatch.GetTimestamp();
            }
        }
    }

    private async Task Settle(VirtualDevice[] devices, CancellationToken cancellation)
    {
        var began = Stopwatch.GetTimestamp();
        while (devices.Any(d => d.Waiting > 0) && Stopwatch.GetElapsedTime(began) < 4 * options.ResendAfter) await Task.Delay(20, cancellation);
    }

    /// <summary>Windows to be sent with other headers: people's, so that a model has its usual work with them.</summary>
    private byte[][] DrawPatterns() => [.. Enumerable.Range(0, Patterns).Select(i =>
    {
        var rng = Rng.For(options.Seed, "pattern", i.ToString(CultureInfo.InvariantCulture));
        var activity = (ActivityClass)(i % ActivityClasses.Count);
        var window = new PersonSignal(Person.Draw(options.Seed, i), rng).Next(activity, Manoeuvres.Draw(activity, rng));
        return WindowFrame.Encode(new WindowHeader("d", 0, 0, 0, 0, 2, null), window);
    })];
}
