using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using CitySafeSense.Contracts;
using CitySafeSense.Contracts.Ports;
using CitySafeSense.Hotspots;
using CitySafeSense.Privacy;
using CitySafeSense.Sensing;
using CitySafeSense.Wire;

namespace CitySafeSense.Silo.Ingress;

/// <summary>
/// From frames to the log: each is checked, shown to its device, and appended to its partition. Answers when everything it
/// calls accepted is durable. What passes it towards the cells carries a pseudonym and no device.
/// </summary>
public sealed class WindowIngress(IGrainFactory grains, CityOptions city, ICityClock clock, KeyedPseudonym pseudonyms, SiloOptions options, Readiness readiness)
{
    /// <summary>Frames in one request.</summary>
    public const int MaxFrames = 2048;

    private const int CellResolution = 9, MergeResolution = 8, RegionResolution = 5;
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(2);
    private readonly ConcurrentDictionary<ulong, bool> enlisted = new();
    private readonly BinClock bins = new(city.BinSeconds, city.LatenessSeconds);

    public async Task<IngestAnswer> Take(IReadOnlyList<byte[]> frames)
    {
        await readiness.Reached;
        var rejected = new List<RejectedWindow>();
        var accepted = new List<(int Index, WindowHeader Header, byte[] Frame)>(frames.Count);
        for (var i = 0; i < frames.Count; i++)
        {
            if (Check(frames[i], out var header) is { } reason) rejected.Add(new(i, reason));
            else if (!await Enlist(new CellId(header!.Cell))) rejected.Add(new(i, "city_full"));
            else accepted.Add((i, header!, frames[i]));
        }
        var observed = await Task.WhenAll(accepted.Select(async a => (a.Index, Entry: Entry(a.Header, await Repeat.Idempotent(() => grains.GetGrain<IDeviceGrain>(a.Header.Device)
            .Ingest(ImmutableCollectionsMarshal.AsImmutableArray(a.Frame)))))));
        var verdicts = await Task.WhenAll(observed.GroupBy(o => (int)(o.Entry.DeviceKey % Limits.Partitions)).Select(async partition =>
        {
            (int Index, LogEntry Entry)[] batch = [.. partition.OrderBy(o => o.Index)];
            var partitionLog = grains.GetGrain<IIngestLogGrain>(partition.Key);
            ImmutableArray<LogEntry> entries = [.. batch.Select(b => b.Entry)];
            if (options.Plant == PlantedFault.AckBeforeCommit)
            {
                _ = Task.Delay(200).ContinueWith(_ => partitionLog.Append(entries), TaskScheduler.Default);
                return batch.Select(b => (b.Index, Verdict: AppendVerdict.Taken));
            }
            return batch.Zip(await Repeat.Idempotent(() => partitionLog.Append(entries)), (b, verdict) => (b.Index, Verdict: verdict));
        }));
        var (taken, duplicates) = (0, 0);
        foreach (var (index, verdict) in verdicts.SelectMany(v => v))
        {
            if (verdict == AppendVerdict.Taken) taken++;
            else if (verdict == AppendVerdict.Duplicate) duplicates++;
            else rejected.Add(new(index, verdict == AppendVerdict.TooOld ? "too_old" : "old_epoch"));
        }
        return new IngestAnswer(taken, duplicates, [.. rejected.OrderBy(r => r.Index)]);
    }

    /// <summary>
    /// The region hears of a cell from here, before anything of it is acknowledged: a region waits for its cells, so a cell
    /// must never wait for its region, and what a full city cannot hold must not be promised.
    /// </summary>
    private async Task<bool> Enlist(CellId cell)
    {
        if (enlisted.ContainsKey(cell.Value)) return true;
        if (!await Repeat.Idempotent(() => grains.GetGrain<IRegionGrain>(cell.Parent(RegionResolution).ToString()).Enlist(cell.ToString()))) return false;
        enlisted.TryAdd(cell.Value, true);
        return true;
    }

    /// <summary>The reason a frame is refused, if it is.</summary>
    private string? Check(byte[] frame, out WindowHeader? header)
    {
        var rejection = WindowFrame.Decode(frame, city.Privacy == PrivacyMode.Simulation, out header, out _);
        if (rejection != FrameRejection.None) return Reason(rejection);
        if (header!.Label >= ActivityClasses.Count) return Reason(FrameRejection.UnknownLabel);
        var cell = new CellId(header.Cell);
        if (!cell.IsValid || cell.Resolution != CellResolution) return "bad_cell";
        var (now, sent) = (clock.Now, header.DeviceTimeMilliseconds / 1000);
        if (sent > (now + ClockSkew).ToUnixTimeSeconds() && options.City.Privacy == PrivacyMode.Production) return "too_early";
        return bins.IsClosed(bins.StartOf(sent), now.ToUnixTimeSeconds()) ? "too_late" : null;
    }

    private LogEntry Entry(WindowHeader header, Observation observation)
    {
        var seconds = header.DeviceTimeMilliseconds / 1000;
        var merge = new CellId(header.Cell).Parent(MergeResolution).Value;
        // A planted fault: every delivery looks like the first.
        var epoch = options.Plant == PlantedFault.NoDedupe ? (ulong)System.Diagnostics.Stopwatch.GetTimestamp() : header.Epoch;
        return new(
            pseudonyms.OfDevice(header.Device), epoch, header.Sequence, seconds, header.Cell, observation.Activity, observation.Probability,
            observation.VelocityChangeEast, observation.VelocityChangeNorth, pseudonyms.OfContributor(header.Device, merge, bins.StartOf(seconds)),
            pseudonyms.OfSlot(header.Device, merge, seconds));
    }

    /// <summary>BadShape becomes bad_shape.</summary>
    private static string Reason(FrameRejection rejection) =>
        string.Concat(rejection.ToString().Select((c, i) => char.IsUpper(c) && i > 0 ? "_" + char.ToLowerInvariant(c) : char.ToLowerInvariant(c).ToString()));
}
