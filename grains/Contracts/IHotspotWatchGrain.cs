namespace CitySafeSense.Contracts;

/// <summary>What is out of the ordinary in the city: `city`. It sees what regions have released, and nothing else.</summary>
[Alias("citysafe.IHotspotWatchGrain")]
public interface IHotspotWatchGrain : IGrainWithStringKey
{
    /// <summary>Takes in the bins that all regions have released. Runs by itself every second; a simulation may ask at once.</summary>
    [Alias("Advance")]
    Task Advance();

    /// <summary>Looks for clusters in the last hours. Runs by itself when an hour is over.</summary>
    [Alias("Scan")]
    Task Scan();

    [AlwaysInterleave]
    [Alias("View")]
    Task<WatchView> View();
}

/// <summary>Why a cell is out of the ordinary.</summary>
/// <param name="Kind">crowd, silence or incidents.</param>
/// <param name="Since">Unix seconds.</param>
/// <param name="Emerging">How the place came to be hot: new, persistent and so on; none where it is not.</param>
[GenerateSerializer, Immutable, Alias("citysafe.Anomaly")]
public sealed record Anomaly(string Cell, string Kind, double Score, double Observed, double Expected, long Since, string Emerging);

/// <summary>A disk of cells that has had more people than expected.</summary>
/// <param name="Hours">For how long.</param>
/// <param name="RecurrenceHours">Chance alone makes one like it so rarely.</param>
[GenerateSerializer, Immutable, Alias("citysafe.CityCluster")]
public sealed record CityCluster(string Centre, int Radius, int Hours, long Observed, double Expected, double LogLikelihoodRatio, double P, double RecurrenceHours);

/// <param name="Through">Start of the last bin that was judged; the Unix epoch before there was one.</param>
/// <param name="Anomalies">The most extraordinary first; of a cell the first is what it is judged by.</param>
/// <param name="Scanned">End of the last hour that was scanned.</param>
[GenerateSerializer, Immutable, Alias("citysafe.WatchView")]
public sealed record WatchView(long Through, int WatchedCells, ImmutableArray<Anomaly> Anomalies, long Scanned, ImmutableArray<CityCluster> Clusters);
