namespace CitySafeSense.Contracts;

/// <summary>The cells of one region, `{h3 cell, r5}`: closes their bins, decides what of them may be shown, answers for a box.</summary>
[Alias("citysafe.IRegionGrain")]
public interface IRegionGrain : IGrainWithStringKey
{
    /// <summary>A cell has become active. False if region or city have as many as they may.</summary>
    [Alias("Enlist")]
    Task<bool> Enlist(string cell);

    /// <summary>Closes what is due by the city's clock. Runs by itself every second; a simulation may ask at once.</summary>
    [Alias("Advance")]
    Task Advance();

    /// <summary>What may be shown of the region within a box. Waits for a decision that is being stored: nothing is shown before it is durable.</summary>
    [Alias("Query")]
    Task<RegionView> Query(BoundingBox box);

    /// <summary>What was released after a bin, for whoever looks for what is out of the ordinary; as durable as what is shown.</summary>
    /// <param name="cell">Of this cell only, where it is given: then all there is; else <see cref="Limits.ReleasedBinsPerAnswer"/> at once.</param>
    [Alias("Releases")]
    Task<RegionReleases> Releases(long after, string? cell);
}

/// <summary>What a region has released after some bin, in order.</summary>
/// <param name="Through">Start of the last bin that is decided; of those up to it nothing more will come. The least there is before the first.</param>
[GenerateSerializer, Immutable, Alias("citysafe.RegionReleases")]
public sealed record RegionReleases(ImmutableArray<ReleasedBin> Bins, long Through);

/// <summary>What was shown of one bin.</summary>
[GenerateSerializer, Immutable, Alias("citysafe.ReleasedBin")]
public sealed record ReleasedBin(long StartUnixSeconds, ImmutableArray<ReleasedCell> Cells, int Active, int Suppressed);

/// <summary>The list of regions: `city`.</summary>
[Alias("citysafe.ICityGrain")]
public interface ICityGrain : IGrainWithStringKey
{
    /// <summary>False if the city has as many regions as it may.</summary>
    [Alias("Enlist")]
    Task<bool> Enlist(string region);

    [AlwaysInterleave]
    [Alias("Regions")]
    Task<ImmutableArray<string>> Regions();

    /// <summary>Simulation: tells how far a silo's clock was told to be, and answers how far the furthest of all is; nothing while time is real.</summary>
    [AlwaysInterleave]
    [Alias("Meet")]
    Task<DateTimeOffset?> Meet(DateTimeOffset? clock);

    /// <summary>Simulation: from now on time is what the virtual city says, on every silo and after every restart.</summary>
    [Alias("BecomeVirtual")]
    Task BecomeVirtual();

    /// <summary>Whether its devices are real or virtual is decided once, by the first silo; answers what was decided.</summary>
    [Alias("DecidePrivacy")]
    Task<PrivacyMode> DecidePrivacy(PrivacyMode mode);
}

/// <summary>Degrees; west may not exceed east.</summary>
[GenerateSerializer, Immutable, Alias("citysafe.BoundingBox")]
public sealed record BoundingBox(double South, double West, double North, double East)
{
    public static BoundingBox World { get; } = new(-90, -180, 90, 180);

    public bool Contains(double latitude, double longitude) => latitude >= South && latitude <= North && longitude >= West && longitude <= East;
}

/// <summary>
/// A cell, or the parent of several, with the counts of one released bin. In production the cell is r8, the bin an hour and
/// the count noisy; there are no counts by class then.
/// </summary>
/// <param name="Members">How many active cells it stands for.</param>
/// <param name="Score">How far its windows of harm lie above <paramref name="ExpectedIncidents"/>, the region's share of them.</param>
[GenerateSerializer, Immutable, Alias("citysafe.ReleasedCell")]
public sealed record ReleasedCell(
    string Cell, int Members, long BinStartUnixSeconds, int Contributors, ImmutableArray<int> Windows, int Discontinuities, double Score, double? NoisyDevices, double ExpectedIncidents = 0);

/// <param name="Active">Cells that had anything in the last released bin.</param>
/// <param name="EverReleased">Distinct cells shown at least once since the region began.</param>
/// <param name="ProductionVisible">How many (r8, hour) slots the production release would show of the same data.</param>
[GenerateSerializer, Immutable, Alias("citysafe.RegionView")]
public sealed record RegionView(
    string Region, ImmutableArray<ReleasedCell> Cells, int Active, int Suppressed, int EverReleased, int ProductionVisible, int ProductionSlots);
