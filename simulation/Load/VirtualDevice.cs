using CitySafeSense.Edge;
using CitySafeSense.Hotspots;
using CitySafeSense.Mqtt;
using CitySafeSense.Sensing;

namespace CitySafeSense.Load;

/// <summary>One device of a fleet: a real link, and windows of people under headers of its own.</summary>
internal sealed class VirtualDevice(FleetOptions options, FleetTally tally, byte[][] patterns, string device, string password, CellId cell, TimeProvider time) : IAsyncDisposable
{
    private readonly string cellName = cell.ToString();
    private ulong epoch;
    private long lastEventMilliseconds;
    private DeviceOutbox? outbox;
    private DeviceLink? link;

    public int Waiting => link?.Waiting ?? 0;

    public bool HasRoom => link is { } l && l.Waiting < options.OutboxWindows;

    public async Task Connect(CancellationToken cancellation)
    {
        epoch = Math.Max(epoch + 1, (ulong)time.GetUtcNow().ToUnixTimeMilliseconds());
        var fresh = new DeviceOutbox(new OutboxOptions { Windows = options.OutboxWindows, ResendAfter = options.ResendAfter }, epoch);
        var opened = new DeviceLink(device, options.Broker with { User = device, Password = password, ClientId = device, SendMaximum = 128 }, fresh, time, Settled);
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
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
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
        tally.Add(outbox!.Shed, outbox.Resent);
        link = null;
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
