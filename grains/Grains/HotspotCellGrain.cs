using CitySafeSense.Contracts;
using CitySafeSense.Hotspots;

namespace CitySafeSense.Grains;

/// <summary>
/// One hexagonal cell: `{h3 cell, r9}`. Offsets and counts are one write, so a push that comes again changes nothing; a bin
/// that closes is in the history before it leaves the counts, so that it is never in neither.
/// </summary>
public sealed class HotspotCellGrain(
    [PersistentState("cell", "cells")] IPersistentState<CellState> state, [PersistentState("history", "cells")] IPersistentState<CellHistoryState> past, CityOptions city) : Grain, IHotspotCellGrain
{
    private readonly BinClock clock = new(city.BinSeconds, city.LatenessSeconds);
    private CellFlow flow = new();
    private CellHistory history = new();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (past.RecordExists) history = CellHistory.Of(past.State.Bins);
        if (!state.RecordExists) return Task.CompletedTask;
        flow = CellFlow.Decode(state.State.Flow);
        history.Take(flow.Inherited);
        return Task.CompletedTask;
    }

    public async Task Apply(int partition, ImmutableArray<CellRow> rows)
    {
        // Decoded before any is counted: a row that is damaged must not leave half of its push behind.
        (long, FlowRow)[] decoded = [.. rows.Select(r => (r.Offset, FlowRow.Decode(r.Row.AsSpan())))];
        var (changed, closed) = flow.Apply(partition, decoded, clock);
        if (changed) await Persist(closed);
    }

    public async Task<ImmutableArray<CellBin>> Close(long cityUnixSeconds, long confirmedThrough)
    {
        var (closed, changed) = flow.Close(cityUnixSeconds, confirmedThrough, clock);
        if (changed) await Persist(closed);
        return [.. flow.Unconfirmed(confirmedThrough).Select(p => Describe(p.Bin, [.. p.Pseudonyms]))];
    }

    public Task<CellView> View() => Task.FromResult(new CellView(
        this.GetPrimaryKeyString(), flow.Counted, flow.Late, [.. flow.Open.Select(b => Describe(b.Close(), []))], [.. history.Bins.Select(b => Describe(b, []))]));

    private async Task Persist(IReadOnlyList<ClosedBin> closed)
    {
        if (closed.Count > 0 || (flow.Inherited.Count > 0 && !past.RecordExists))
        {
            history.Take(closed);
            past.State.Bins = history.Bytes;
            await past.WriteOrLeave(DeactivateOnIdle);
        }
        state.State.Flow = flow.Encode();
        await state.WriteOrLeave(DeactivateOnIdle);
    }

    private static CellBin Describe(ClosedBin bin, ImmutableArray<ulong> contributors) => new(
        bin.StartUnixSeconds, [.. bin.Windows.Select(w => (int)w)], bin.Unclassified, bin.Discontinuities, bin.SlotDevices, bin.Contributors,
        [.. bin.Entries.Select(e => (int)e)], [.. bin.Exits.Select(e => (int)e)], (float)bin.MeanStaySeconds, (float)bin.MeanChangeEast, (float)bin.MeanChangeNorth, (float)bin.ChangeVariance, contributors);
}

[GenerateSerializer, Alias("citysafe.CellState")]
public sealed class CellState
{
    [Id(0)] public int Version { get; set; } = 1;

    /// <summary>See <see cref="CellFlow.Encode"/>.</summary>
    [Id(1)] public byte[] Flow { get; set; } = [];
}

[GenerateSerializer, Alias("citysafe.CellHistoryState")]
public sealed class CellHistoryState
{
    [Id(0)] public int Version { get; set; } = 1;

    /// <summary>See <see cref="CellHistory.Bytes"/>.</summary>
    [Id(1)] public byte[] Bins { get; set; } = [];
}
