using CitySafeSense.Contracts;
using CitySafeSense.Contracts.Ports;
using CitySafeSense.Hotspots;

namespace CitySafeSense.Grains;

/// <summary>Watches the city: `city`. Asks regions for what they have released, judges it bin by bin, and tells the alarms.</summary>
public sealed class HotspotWatchGrain(
    [PersistentState("watch", "cells")] IPersistentState<WatchState> state, CityOptions city, ICityClock clock, IComputePool pool) : Grain, IHotspotWatchGrain
{
    private const int ScanRadius = 6, ScanReplications = 999, ClustersMax = 5;

    /// <summary>How long a region that does not answer holds up the others.</summary>
    private const int PatienceSeconds = 60;

    private readonly BinClock bins = new(RegionRelease.BinSeconds(city), city.LatenessSeconds);
    private HotspotWatch? watch;
    private ImmutableArray<CityCluster> clusters = [];
    private long scanned;

    /// <summary>What is out of the ordinary in the last bin; made once for each, however many ask.</summary>
    private ImmutableArray<Anomaly>? told;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (state.RecordExists) watch = HotspotWatch.Decode(state.State.Watch, bins.BinSeconds, RegionRelease.ShownFrom(city));
        var second = TimeSpan.FromSeconds(1);
        this.RegisterGrainTimer(Advance, new GrainTimerCreationOptions(second, second) { KeepAlive = true });
        this.RegisterGrainTimer(Scan, new GrainTimerCreationOptions(second, second) { Interleave = true });
        return Task.CompletedTask;
    }

    public async Task Advance()
    {
        if (!HotspotWatch.CanWatch(bins.BinSeconds)) return; // bins of seconds have no place in an hour of the week
        var (now, due) = (clock.Now.ToUnixTimeSeconds(), bins.LastClosed(clock.Now.ToUnixTimeSeconds()));
        if (watch is not null && watch.NextUnixSeconds > due) return;
        var after = watch is null ? due - Limits.ReleasedBinsPerAnswer * (long)bins.BinSeconds : watch.NextUnixSeconds - bins.BinSeconds;
        var regions = await GrainFactory.GetGrain<ICityGrain>("city").Regions();
        var answers = await Task.WhenAll(regions.Select(r => GrainFactory.GetGrain<IRegionGrain>(r).Releases(after, null)));
        var released = answers.SelectMany(a => a.Bins).ToLookup(b => b.StartUnixSeconds, b => b.Cells);
        var isPatient = now < due + bins.BinSeconds + bins.LatenessSeconds + PatienceSeconds;
        var through = answers.Length == 0 ? due : Math.Min(due, isPatient ? answers.Min(a => a.Through) : answers.Max(a => a.Through));
        if (watch is null && released.Count == 0) return; // nothing was ever released: the first bin will say where weeks begin
        watch ??= new HotspotWatch(bins.BinSeconds, RegionRelease.ShownFrom(city), released.Min(b => b.Key));
        if (watch.NextUnixSeconds > through) return;
        try
        {
            for (var bin = watch.NextUnixSeconds; bin <= through; bin += bins.BinSeconds) await Take(bin, [.. released[bin].SelectMany(c => c)]);
            state.State.Watch = watch.Encode();
            await state.WriteStateAsync();
        }
        catch
        {
            DeactivateOnIdle(); // memory is ahead of what is stored, or of the alarms: the next activation judges these bins again
            throw;
        }
    }

    /// <summary>The bytes go to the pool, bins go on meanwhile; a cluster is of the last whole hour.</summary>
    public async Task Scan()
    {
        if (watch is null) return;
        var hour = watch.NextUnixSeconds / 3600 * 3600;
        if (hour <= scanned) return;
        scanned = hour;
        var found = await pool.Run(watch.Scan(ScanRadius, ScanReplications, (ulong)hour, ClustersMax));
        clusters = [.. found.Select(c => new CityCluster(c.Centre.ToString(), c.Radius, c.Periods, c.Cases, c.Expected, c.LogLikelihoodRatio, c.P, c.RecurrencePeriods))];
    }

    public Task<WatchView> View() => Task.FromResult(watch is null
        ? new WatchView(0, 0, [], 0, [])
        : new(watch.NextUnixSeconds - bins.BinSeconds, watch.Cells.Count, Told(watch), scanned, clusters));

    /// <summary>The alarms first: should this activation go before it has stored the bin, they know that they have it.</summary>
    private async Task Take(long bin, IReadOnlyCollection<ReleasedCell> cells)
    {
        // A merge stands for other cells in every bin: it has no week of its own.
        told = null;
        watch!.Take(bin, [.. cells.Where(c => c.Members == 1).Select(AnomalyMapping.ToScience)]);
        await GrainFactory.GetGrain<IAlarmGrain>("alarms").Judge(bin, bin + bins.BinSeconds, [.. Told(watch).Where(a => a.Score >= 1)]);
    }

    private ImmutableArray<Anomaly> Told(HotspotWatch of) => told ??= [.. of.Anomalies().Select(AnomalyMapping.ToContract)];
}

[GenerateSerializer, Alias("citysafe.WatchState")]
public sealed class WatchState
{
    [Id(0)] public int Version { get; set; } = 1;

    /// <summary>See <see cref="HotspotWatch.Encode"/>.</summary>
    [Id(1)] public byte[] Watch { get; set; } = [];
}
