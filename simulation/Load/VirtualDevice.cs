using CitySafeSense.Edge;
using CitySafeSense.Hotspots;
using CitySafeSense.Mqtt;
using CitySafeSense.Numerics;
using CitySafeSense.Privacy;
using CitySafeSense.Sensing;
using CitySafeSense.Sensing.Generator;

namespace CitySafeSense.Load;

/// <summary>One device of a fleet: a real link, windows of people under headers of its own, and where it learns those of one person.</summary>
internal sealed class VirtualDevice(FleetOptions options, FleetTally tally, byte[][] patterns, string device, string password, int number, CellId cell, TimeProvider time) : IAsyncDisposable
{
    private readonly string cellName = cell.ToString();
    private readonly RoundMember? member = options.LearnFrom == 0 ? null : Learner(options, device, number);
    private ulong epoch;
    private long lastEventMilliseconds;
    private DeviceOutbox? outbox;
    private DeviceLink? link;

    public int Waiting => link?.Waiting ?? 0;

    /// <summary>Federated rounds that it has contributed to.</summary>
    public int RoundsReported { get; private set; }

    public bool HasRoom => link is { } l && l.Waiting < options.OutboxWindows;

    public async Task Connect(CancellationToken cancellation)
    {
        epoch = Math.Max(epoch + 1, (ulong)time.GetUtcNow().ToUnixTimeMilliseconds());
        var fresh = new DeviceOutbox(new OutboxOptions { Windows = options.OutboxWindows, ResendAfter = options.ResendAfter }, epoch);
        var opened = new DeviceLink(device, options.Broker with { User = device, Password = password, ClientId = device, SendMaximum = 128 }, fresh, time, Settled, member: member);
        try
        {
            await opened.Connect(cancellation);
            (outbox, link) = (fresh, opened);
        }
        catch
        {
            await opened.DisposeAsync();
            throw;
        }
    }

    public void Say(bool isEvent)
    {
        if (link is null) return;
        var now = link.ClusterTime.ToUnixTimeMilliseconds();
        tally.Said(isEvent ? SayEvent(now) : link.AddWindow(sequence => Frame(sequence, now)));
    }

    /// <summary>As after a crash: what was not acknowledged is gone, numbers begin again. Where the broker is down just now the device stays silent until its next restart.</summary>
    public async Task Restart(CancellationToken cancellation)
    {
        var last = link;
        await DisposeAsync();
        tally.Restarted(cellName, last?.Waiting ?? 0);
        try
        {
            await Connect(cancellation);
        }
        catch (MqttException)
        {
            // silent until the next time
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (link is null) return;
        await link.DisposeAsync();
        RoundsReported += link.RoundsReported;
        tally.Add(outbox!.Shed, outbox.Resent);
        link = null;
    }

    private static RoundMember Learner(FleetOptions options, string device, int number)
    {
        var rng = Rng.For(options.Seed, "learner", device);
        var signal = new PersonSignal(Person.Draw(options.Seed, number), rng);
        (SensorWindow Window, int Label)[] windows = [.. Enumerable.Range(0, options.LearnFrom).Select(i =>
        {
            var activity = (ActivityClass)(i % ActivityClasses.Count);
            return (signal.Next(activity, Manoeuvres.Draw(activity, rng)), (int)activity);
        })];
        return new RoundMember(device, () => windows, new SeededBytes(Rng.For(options.Seed, "secure", device)));
    }

    private bool SayEvent(long now)
    {
        lastEventMilliseconds = Math.Max(lastEventMilliseconds + 1, now);
        return link!.AddEvent(new DeviceEvent(device, lastEventMilliseconds, ActivityClass.ForcedMovement, 0.9f, new(1, -2), cell.Value));
    }

    private byte[] Frame(ulong sequence, long now) =>
        WindowFrame.Readdress(patterns[(int)((sequence + cell.Value) % (ulong)patterns.Length)], new WindowHeader(device, epoch, sequence, now, cell.Value, 2, null));

    private void Settled(DeviceOutbox.Message message, bool taken)
    {
        if (taken) tally.Take(cellName, message.Event is not null, message.Payload.Length, time.GetUtcNow() - message.AddedAt);
        else tally.Refuse();
    }
}
