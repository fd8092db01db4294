using CitySafeSense.Contracts;
using CitySafeSense.Contracts.Ports;
using CitySafeSense.Privacy;

namespace CitySafeSense.Grains;

/// <summary>The cells of one region: `{h3 cell, r5}`. Closes their bins together, so that silence is noticed too, and decides once what of them may be shown.</summary>
public sealed class RegionGrain(
    [PersistentState("region", "cells")] IPersistentState<RegionState> state, CityOptions city, ICityClock clock, Noise noise) : Grain, IRegionGrain
{
    /// <summary>The city's time to which everything is decided; it is found out anew after a restart.</summary>
    private long advanced = long.MinValue / 2;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        this.RegisterGrainTimer(Advance, new GrainTimerCreationOptions(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)) { KeepAlive = true });
        return Task.CompletedTask;
    }

    public async Task<bool> Enlist(string cell)
    {
        if (state.State.Cells.Contains(cell)) return true;
        if (state.State.Cells.Count >= Limits.CellsPerRegion) return false;
        if (state.State.Cells.Count == 0 && !await GrainFactory.GetGrain<ICityGrain>("city").Enlist(this.GetPrimaryKeyString())) return false;
        state.State.Cells.Add(cell);
        await state.WriteOrLeave(DeactivateOnIdle);
        return true;
    }

    public async Task Advance()
    {
        var now = clock.Now.ToUnixTimeSeconds();
        var confirmed = state.State.ConfirmedThrough;
        var closings = await Task.WhenAll(state.State.Cells.Select(async cell =>
            (Cell: cell, Bins: await GrainFactory.GetGrain<IHotspotCellGrain>(cell).Close(now, confirmed))));
        var bins = closings.SelectMany(c => c.Bins.Where(b => b.StartUnixSeconds > confirmed).Select(b => (c.Cell, Bin: b))).ToLookup(c => c.Bin.StartUnixSeconds);
        var changed = false;
        foreach (var bin in bins.OrderBy(b => b.Key))
        {
            state.State.Record(RegionRelease.OfBin(bin.Key, [.. bin], city.Contributors));
            changed = true;
        }
        changed |= state.State.CloseSlots(now - city.LatenessSeconds, city, noise);
        if (changed) await state.WriteOrLeave(DeactivateOnIdle);
        advanced = now;
    }

    public Task<RegionReleases> Releases(long after, string? cell) => Task.FromResult(RegionRelease.Since(state.State, after, cell, advanced, city));

    public Task<RegionView> Query(BoundingBox box) => Task.FromResult(RegionRelease.View(this.GetPrimaryKeyString(), state.State, box, city));
}
