using CitySafeSense.Contracts;
using CitySafeSense.Contracts.Ports;
using CitySafeSense.Hotspots;
using CitySafeSense.Privacy;
using CitySafeSense.Sensing;

namespace CitySafeSense.Grains;

/// <summary>One partition of the ingest log: `{partition}`. Dedupe and append are one transaction; rows go on to cells, in order, until the cell has them.</summary>
public sealed class IngestLogGrain(IObservationLog log, ICityClock clock, CityOptions city) : Grain, IIngestLogGrain
{
    private readonly Dictionary<ulong, KnownDevice> devices = [];
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
            var device = devices[entry.DeviceKey];
            var verdict = entry.EventKey == 0 ? device.Deliveries.TakeWindow(entry.Epoch, entry.Sequence) : device.Deliveries.TakeEvent(entry.EventKey, entry.UnixSeconds, oldest);
            verdicts.Add((AppendVerdict)verdict);
            if (verdict != SequenceVerdict.Fresh) continue;
            var owner = devices[entry.OwnerKey];
            owner.Tokens = owner.Tokens.Admit(entry.Slot, entry.UnixSeconds, city.ReleaseSlots, out var counts);
            touched.UnionWith([entry.DeviceKey, entry.OwnerKey]);
            foreach (var (cell, row) in device.Says(entry, counts)) rows.Add(new ObservationRow(next + rows.Count, cell, row.Encode()));
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
        ulong[] unknown = [.. entries.SelectMany(e => new[] { e.DeviceKey, e.OwnerKey }).Where(d => !devices.ContainsKey(d)).Distinct()];
        if (unknown.Length == 0) return;
        foreach (var row in await log.Devices(partition, unknown))
            devices[row.DeviceKey] = new(DeliveryMemory.Decode(row.Deliveries), ContributionTokens.Decode(row.Tokens));
        foreach (var device in unknown) devices.TryAdd(device, new(new DeliveryMemory(), ContributionTokens.None));
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

    /// <summary>What a partition knows of a device, or of an owner of several.</summary>
    private sealed class KnownDevice(DeliveryMemory deliveries, ContributionTokens tokens)
    {
        private Stay? stay;

        public DeliveryMemory Deliveries => deliveries;
        public ContributionTokens Tokens { get; set; } = tokens;

        /// <summary>What an entry tells cells: that the device is in one, and where it crossed from another, that it is there no more.</summary>
        public IEnumerable<(ulong Cell, FlowRow Row)> Says(LogEntry entry, bool countsInSlot)
        {
            (stay, var crossing) = Stay.Next(stay, new CellId(entry.Cell), entry.UnixSeconds);
            var change = new VelocityChange(entry.VelocityChangeEast, entry.VelocityChangeNorth);
            yield return (entry.Cell, new Contribution(
                entry.UnixSeconds, (ActivityClass?)entry.Activity, entry.Probability, change, entry.Contributor, countsInSlot, crossing is { } came ? Side.Of(came.To, came.From) : null));
            if (crossing is { } left) yield return (left.From.Value, new Departure(entry.UnixSeconds, Side.Of(left.From, left.To), left.StayedSeconds));
        }
    }
}
