using CitySafeSense.Contracts;
using CitySafeSense.Contracts.Ports;
using CitySafeSense.Hotspots;
using CitySafeSense.Privacy;
using CitySafeSense.Sensing;

namespace CitySafeSense.Grains;

/// <summary>One partition of the ingest log: `{partition}`. Dedupe and append are one transaction; rows go on to cells, in order, until the cell has them.</summary>
public sealed class IngestLogGrain(IObservationLog log, ICityClock clock, CityOptions city) : Grain, IIngestLogGrain
{
    private readonly Dictionary<ulong, (DeliveryMemory Deliveries, ContributionTokens Tokens)> devices = [];
    private int partition;
    private long next;
    private long appends = 1, pushed;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        partition = (int)this.GetPrimaryKeyLong();
        next = await log.NextOffset(partition);
        this.RegisterGrainTimer(Push, new GrainTimerCreationOptions(TimeSpan.Zero, TimeSpan.FromMilliseconds(20)) { Interleave = true });
    }

    public async Task<ImmutableArray<AppendVerdict>> Append(ImmutableArray<LogEntry> entries)
    {
        if (entries.Length > Limits.EntriesPerAppend) throw new ArgumentException($"{entries.Length} entries; an append takes {Limits.EntriesPerAppend}");
        await Recall(entries);
        try
        {
            var (verdicts, rows, touched) = Admit(entries);
            if (rows.Count == 0) return verdicts;
            await log.Append(partition, next, rows, [.. touched.Select(d => new DeviceRow(d, devices[d].Deliveries.Encode(), devices[d].Tokens.Encode()))]);
            next += rows.Count;
            appends++;
            return verdicts;
        }
        catch
        {
            // What memory took was not made durable: forget it, so that the device's next try is judged by what is stored.
            devices.Clear();
            DeactivateOnIdle();
            throw;
        }
    }

    private (ImmutableArray<AppendVerdict> Verdicts, List<ObservationRow> Rows, HashSet<ulong> Touched) Admit(ImmutableArray<LogEntry> entries)
    {
        var verdicts = ImmutableArray.CreateBuilder<AppendVerdict>(entries.Length);
        var oldest = clock.Now.ToUnixTimeSeconds() - city.BinSeconds - city.LatenessSeconds;
        var (rows, touched) = (new List<ObservationRow>(), new HashSet<ulong>());
        foreach (var entry in entries)
        {
            var (deliveries, tokens) = devices[entry.DeviceKey];
            var verdict = entry.EventKey == 0 ? deliveries.TakeWindow(entry.Epoch, entry.Sequence) : deliveries.TakeEvent(entry.EventKey, entry.UnixSeconds, oldest);
            verdicts.Add((AppendVerdict)verdict);
            if (verdict != SequenceVerdict.Fresh) continue;
            devices[entry.DeviceKey] = (deliveries, tokens.Admit(entry.Slot, entry.UnixSeconds, out var counts));
            touched.Add(entry.DeviceKey);
            var contribution = new Contribution(
                entry.UnixSeconds, (ActivityClass?)entry.Activity, entry.Probability, new(entry.VelocityChangeEast, entry.VelocityChangeNorth), entry.Contributor, counts);
            rows.Add(new ObservationRow(next + rows.Count, entry.Cell, contribution.Encode()));
        }
        return (verdicts.MoveToImmutable(), rows, touched);
    }

    public async Task<bool> Forget(ulong deviceKey)
    {
        devices.Remove(deviceKey);
        return await log.Forget(partition, deviceKey);
    }

    /// <summary>Looks at the log once more: when a silo died, rows may have come from an activation that is no longer there.</summary>
    public Task Resume()
    {
        appends++;
        return Task.CompletedTask;
    }

    public Task<long> Pending() => log.Count(partition);

    private async Task Recall(ImmutableArray<LogEntry> entries)
    {
        if (devices.Count > Limits.CachedDevicesPerPartition) devices.Clear();
        ulong[] unknown = [.. entries.Select(e => e.DeviceKey).Where(d => !devices.ContainsKey(d)).Distinct()];
        if (unknown.Length == 0) return;
        foreach (var row in await log.Devices(partition, unknown))
            devices[row.DeviceKey] = (DeliveryMemory.Decode(row.Deliveries), ContributionTokens.Decode(row.Tokens));
        foreach (var device in unknown) devices.TryAdd(device, (new DeliveryMemory(), ContributionTokens.None));
    }

    private async Task Push()
    {
        while (pushed < appends)
        {
            var seen = appends;
            var rows = await log.Read(partition, Limits.RowsPerPush);
            if (rows.IsEmpty)
            {
                pushed = seen; // what was appended meanwhile is looked for next time
                return;
            }
            await Task.WhenAll(rows.GroupBy(r => r.Cell).Select(cell => GrainFactory.GetGrain<IHotspotCellGrain>(new CellId(cell.Key).ToString())
                .Apply(partition, [.. cell.Select(r => new CellRow(r.Offset, [.. r.Contribution]))])));
            await log.Delete(partition, rows[^1].Offset);
        }
    }
}
