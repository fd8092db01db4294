namespace CitySafeSense.Contracts;

/// <summary>One hexagonal cell of the city: `{h3 cell, r9}`. Knows movements, never a device.</summary>
[Alias("citysafe.IHotspotCellGrain")]
public interface IHotspotCellGrain : IGrainWithStringKey
{
    /// <summary>Counts what a partition pushes; what it has counted before changes nothing.</summary>
    [Alias("Apply")]
    Task Apply(int partition, ImmutableArray<CellRow> rows);

    /// <summary>Closes what is due by the city's clock; answers closed bins that the region has not confirmed.</summary>
    [Alias("Close")]
    Task<ImmutableArray<CellBin>> Close(long cityUnixSeconds, long confirmedThrough);

    /// <summary>The exact counts, for operators and for simulation.</summary>
    [AlwaysInterleave]
    [Alias("View")]
    Task<CellView> View();
}

/// <summary>A row of the log, for one cell.</summary>
[GenerateSerializer, Immutable, Alias("citysafe.CellRow")]
public sealed record CellRow(long Offset, ImmutableArray<byte> Row);

/// <summary>A bin's numbers, and while it is unconfirmed the pseudonyms of its contributors where they are few.</summary>
/// <param name="Entries">By the side of the cell: its neighbours in their order, then what lies beyond them.</param>
/// <param name="ChangeVariance">Of the change of velocity over a window, m2/s2.</param>
[GenerateSerializer, Immutable, Alias("citysafe.CellBin")]
public sealed record CellBin(
    long StartUnixSeconds, ImmutableArray<int> Windows, int Unclassified, int Discontinuities, int SlotDevices, int Contributors,
    ImmutableArray<int> Entries, ImmutableArray<int> Exits, float MeanStaySeconds, float MeanChangeEast, float MeanChangeNorth, float ChangeVariance, ImmutableArray<ulong> ContributorPseudonyms);

[GenerateSerializer, Immutable, Alias("citysafe.CellView")]
public sealed record CellView(string Cell, long Counted, long Late, ImmutableArray<CellBin> Open, ImmutableArray<CellBin> Closed);
