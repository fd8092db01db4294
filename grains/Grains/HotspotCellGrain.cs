using CitySafeSense.Contracts;
using CitySafeSense.Hotspots;

namespace CitySafeSense.Grains;

/// <summary>One hexagonal cell: `{h3 cell, r9}`. Offsets and counts are one write, so a push that comes again changes nothing.</summary>
public sealed class HotspotCellGrain([PersistentState("cell", "cells")] IPersistentState<CellState> state, CityOptions city) : Grain, IHotspotCellGrain
{
    private readonly BinClock clock = new(city.BinSeconds, city.LatenessSeconds);
    private CellFlow flow = new();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (state.RecordExists) flow = CellFlow.Decode(state.State.Flow);
        return Task.CompletedTask;
    }

    public async Task Apply(int partition, ImmutableArray<CellRow> rows)
    {
        // Decoded before any is counted: a row that is damaged must not leave half of its push behind.
        (long, Contribution)[] decoded = [.. rows.Select(r => (r.Offset, Contribution.Decode(r.Contribution.AsSpan())))];
        if (flow.Apply(partition, decoded, clock)) await Persist();
    }

    public async Task<ImmutableArray<CellBin>> Close(long cityUnixSeconds, long confirmedThrough)
    {
        var (bins, changed) = flow.Close(cityUnixSeconds, confirmedThrough, clock);
        if (changed) await Persist();
        return [.. bins.Select(b => Describe(b.Close(), [.. b.Contributors]))];
    }

    public Task<CellView> View() => Task.FromResult(new CellView(
        this.GetPrimaryKeyString(), flow.Counted, flow.Late, [.. flow.Open.Select(b => Describe(b.Close(), []))], [.. flow.Closed.Select(b => Describe(b, []))]));

    private Task Persist()
    {
        state.State.Flow = flow.Encode();
        return state.WriteOrLeave(DeactivateOnIdle);
    }

    private static CellBin Describe(ClosedBin bin, ImmutableArray<ulong> contributors) => new(
        bin.StartUnixSeconds, [.. bin.Windows.Select(w => (int)w)], bin.Unclassified, bin.Discontinuities, bin.SlotDevices, bin.Contributors,
        bin.VelocityChangeEast, bin.VelocityChangeNorth, contributors);
}

[GenerateSerializer, Alias("citysafe.CellState")]
public sealed class CellState
{
    [Id(0)] public int Version { get; set; } = 1;

    /// <summary>See <see cref="CellFlow.Encode"/>.</summary>
    [Id(1)] public byte[] Flow { get; set; } = [];
}
