using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using CitySafeSense.Contracts;
using CitySafeSense.Contracts.Ports;
using CitySafeSense.Hotspots;
using CitySafeSense.Privacy;
using CitySafeSense.Sensing;
using CitySafeSense.Silo.Devices;
using CitySafeSense.Silo.Ports;

namespace CitySafeSense.Silo.Ingress;

/// <summary>
/// From arrivals to the log: each is checked, a window is shown to its device, and all are appended to their partitions. Answers
/// when everything it calls taken is durable. What passes it towards the cells carries a pseudonym and no device.
/// </summary>
internal sealed class IngestPipeline(IGrainFactory grains, CityOptions city, ICityClock clock, ArrivalReader reader, KeyedPseudonym pseudonyms, DeviceRegistry registry, SiloOptions options, Readiness readiness, DeviceRetention retention, LastSeen lastSeen, IngestCounts counts)
{
    private const int MergeResolution = 8, RegionResolution = 5;

    /// <summary>No device's id begins so: an owner is never taken for a device.</summary>
    private const string OwnerMark = "owner/";

    private readonly ConcurrentDictionary<ulong, bool> enlisted = new();
    private readonly ConcurrentDictionary<(string, ulong), ulong> highest = new();
    private readonly BinClock bins = new(city.BinSeconds, city.LatenessSeconds);

    /// <returns>One for each arrival, in their order.</returns>
    public async Task<Outcome[]> Take(IReadOnlyList<Arrival> arrivals)
    {
        await readiness.Reached;
        // Devices with credentials of their own live in real time, unless a virtual city says otherwise.
        if (clock is VirtualCityClock simulated && arrivals.Any(a => a.Device is not null)) simulated.FollowReal();
        var began = Stopwatch.GetTimestamp();
        var outcomes = new Outcome[arrivals.Count];
        var accepted = new List<(int Index, ReadArrival Read)>(arrivals.Count);
        for (var i = 0; i < arrivals.Count; i++)
        {
            var (read, refusal) = reader.Read(arrivals[i]);
            if (refusal == ArrivalReader.NoCell && (await registry.PlaceOf(read!.Device)).Cell is { } home) (read, refusal) = reader.Read(arrivals[i], home);
            if (refusal is null && !await Enlist(read!.Cell)) refusal = "city_full";
            if (refusal is null && !(options.Plant == PlantedFault.ReorderDrop && IsBehind(read!))) accepted.Add((i, read!));
            outcomes[i] = new(arrivals[i].Device ?? read?.Device, read?.Epoch ?? 0, read?.Sequence, read?.Event, false, refusal);
        }
        began = counts.Spent(IngestStage.Read, began);
        var observed = await Task.WhenAll(accepted.Select(async a => (a.Index, Entry: Entry(a.Read, await Owner(arrivals[a.Index], a.Read), await Observe(a.Read)))));
        began = counts.Spent(IngestStage.Infer, began);
        var verdicts = await Task.WhenAll(observed.GroupBy(o => o.Entry.Partition).Select(partition => Append(partition.Key, [.. partition.OrderBy(o => o.Index)])));
        counts.Spent(IngestStage.Append, began);
        foreach (var (index, verdict) in verdicts.SelectMany(v => v))
            outcomes[index] = outcomes[index] with
            {
                IsDuplicate = verdict == AppendVerdict.Duplicate,
                Refusal = verdict switch { AppendVerdict.TooOld => "too_old", AppendVerdict.OldEpoch => "old_epoch", AppendVerdict.TooMany => "too_many_events", _ => null },
            };
        counts.Add(arrivals, outcomes);
        foreach (var outcome in outcomes)
            if (outcome is { IsAcknowledged: true, Device: { } device }) retention.Heard(device);
        foreach (var device in arrivals.Select(a => a.Device).OfType<string>()) lastSeen.Heard(device);
        return outcomes;
    }

    /// <summary>
    /// The region hears of a cell from here, before anything of it is acknowledged: a region waits for its cells, so a cell
    /// must never wait for its region, and what a full city cannot hold must not be promised.
    /// </summary>
    private async ValueTask<bool> Enlist(CellId cell)
    {
        if (enlisted.ContainsKey(cell.Value)) return true;
        if (!await Repeat.Idempotent(() => grains.GetGrain<IRegionGrain>(cell.Parent(RegionResolution).ToString()).Enlist(cell.ToString()))) return false;
        enlisted.TryAdd(cell.Value, true);
        return true;
    }

    /// <summary>A planted fault's memory of the highest number of each device.</summary>
    private bool IsBehind(ReadArrival read) => read.Sequence is { } sequence && highest.AddOrUpdate((read.Device, read.Epoch), sequence, (_, h) => Math.Max(h, sequence)) > sequence;

    private Task<Observation> Observe(ReadArrival read) => read.Happened is { } happened
        ? Task.FromResult(new Observation((byte)happened.Activity, happened.Probability, happened.Change.EastMetresPerSecond, happened.Change.NorthMetresPerSecond, null))
        : Repeat.Idempotent(() => grains.GetGrain<IDeviceGrain>(read.Device).Ingest(ImmutableCollectionsMarshal.AsImmutableArray(read.Window)));

    private async Task<IEnumerable<(int Index, AppendVerdict Verdict)>> Append(int partition, (int Index, LogEntry Entry)[] batch)
    {
        var log = grains.GetGrain<IIngestLogGrain>(partition);
        ImmutableArray<LogEntry> entries = [.. batch.Select(b => b.Entry)];
        if (options.Plant == PlantedFault.AckBeforeCommit)
        {
            _ = Task.Delay(200).ContinueWith(_ => log.Append(entries), TaskScheduler.Default);
            return batch.Select(b => (b.Index, AppendVerdict.Taken));
        }
        return batch.Zip(await Repeat.Idempotent(() => log.Append(entries)), (b, verdict) => (b.Index, verdict));
    }

    /// <summary>Who stands behind a device: somebody with several is one contributor. A gateway's devices stand for themselves.</summary>
    private async ValueTask<string> Owner(Arrival arrival, ReadArrival read) =>
        arrival.Device is not null && (await registry.PlaceOf(read.Device)).Owner is { } owner ? $"{OwnerMark}{owner}" : read.Device;

    private LogEntry Entry(ReadArrival read, string owner, Observation observation)
    {
        var (seconds, merge) = (read.UnixMilliseconds / 1000, read.Cell.Parent(MergeResolution).Value);
        var (epoch, key) = (read.Epoch, read.Event is { } happened ? EventMemory.KeyOf(happened.UnixMilliseconds, happened.Activity) : 0);
        if (options.Plant == PlantedFault.LostEpoch) epoch = 0;
        if (options.Plant == PlantedFault.NoDedupe)
        {
            // A planted fault: every delivery looks like the first.
            epoch = (ulong)Stopwatch.GetTimestamp();
            if (key != 0) key = epoch;
        }
        var names = ContributorNames.Of(pseudonyms, read.Device, owner, merge, bins.StartOf(seconds), seconds, city.ReleaseSlots);
        if (options.Plant == PlantedFault.IdInCell) names = names with { Contributor = BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(read.Device))) };
        return new(
            names.Device, names.Owner, epoch, read.Sequence ?? 0, seconds, read.Cell.Value, observation.Activity, observation.Probability,
            observation.VelocityChangeEast, observation.VelocityChangeNorth, names.Contributor, names.Slot, key);
    }
}
