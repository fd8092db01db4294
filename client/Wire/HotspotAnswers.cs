namespace CitySafeSense.Wire;

/// <param name="Synthetic">True where every device is virtual.</param>
/// <param name="Unit">What one released value is of: "r9 cell, 5 min, exact above k" or "r8 cell, 1 h, noisy, each device in 24 of 168 hours".</param>
/// <param name="Anomalies">What is out of the ordinary, the most extraordinary first; also cells of which nothing is shown any more.</param>
/// <param name="Clusters">Of the last hours, by the space-time scan statistic.</param>
public sealed record HotspotsAnswer(
    bool Synthetic, string Unit, int K, IReadOnlyList<HotspotCell> Cells, IReadOnlyList<HotspotAnomaly> Anomalies, IReadOnlyList<HotspotCluster> Clusters, int ActiveCells, int ReleasedCells, int MergedCells, int SuppressedCells,
    int EverReleasedCells, int ProductionVisible, int ProductionSlots);

/// <param name="Cell">H3 index; of the parent where several small cells are shown as one.</param>
/// <param name="Members">Cells it stands for.</param>
/// <param name="Windows">By class name; absent in production.</param>
/// <param name="NoisyDevices">In production only.</param>
public sealed record HotspotCell(
    string Cell, double Latitude, double Longitude, int Members, DateTimeOffset BinStart, int? Contributors, IReadOnlyDictionary<string, int>? Windows,
    int? Discontinuities, double? Score, double? NoisyDevices);

/// <summary>Why a cell is out of the ordinary, made of what is released.</summary>
/// <param name="Kind">crowd, silence or incidents.</param>
/// <param name="Score">Roughly in standard deviations.</param>
/// <param name="Observed">Since then; of a silence the most there can have been.</param>
/// <param name="Emerging">new, consecutive, intensifying, persistent, diminishing, sporadic, oscillating, historical or none: how the place came to be hot.</param>
public sealed record HotspotAnomaly(string Cell, double Latitude, double Longitude, string Kind, double Score, double Observed, double Expected, DateTimeOffset Since, string Emerging);

/// <summary>A disk of cells with more people than expected over the last hours.</summary>
/// <param name="Radius">In cells.</param>
/// <param name="P">How often chance alone makes one as likely; once in <paramref name="RecurrenceHours"/>.</param>
public sealed record HotspotCluster(string Centre, double Latitude, double Longitude, int Radius, int Hours, long Observed, double Expected, double P, double RecurrenceHours);

/// <summary>What was released of a cell, bin by bin, the oldest first.</summary>
public sealed record HotspotHistory(string Cell, bool Synthetic, string Unit, IReadOnlyList<HotspotCell> Bins, HotspotAnomaly? Anomaly);

/// <summary>A cell's exact counts, for operators: of a simulation, or of real devices where the silo allows it. Not private.</summary>
public sealed record CellCounts(string Cell, bool Synthetic, bool Private, long Counted, long Late, IReadOnlyList<CellBinCounts> Bins);

/// <param name="Entries">By the side of the cell: its neighbours in their order, then what lies beyond them.</param>
/// <param name="MeanStaySeconds">Of those who went out.</param>
/// <param name="ChangeVariance">Of the change of velocity over a window, m2/s2.</param>
public sealed record CellBinCounts(
    DateTimeOffset Start, bool Closed, int Windows, int Contributors, int Discontinuities, IReadOnlyList<int> Entries, IReadOnlyList<int> Exits,
    double MeanStaySeconds, double MeanChangeEast, double MeanChangeNorth, double ChangeVariance);

/// <summary>Alarms, the newest first.</summary>
public sealed record AlarmsAnswer(bool Synthetic, IReadOnlyList<AlarmAnswer> Alarms);

/// <param name="Cells">Where it began, and what has joined since.</param>
/// <param name="State">open, acknowledged or cleared.</param>
public sealed record AlarmAnswer(
    int Number, string Rule, IReadOnlyList<string> Cells, string Kind, string State, double Score, double Observed, double Expected, DateTimeOffset Since, DateTimeOffset Opened,
    DateTimeOffset? Acknowledged, string? AcknowledgedBy, DateTimeOffset? Cleared);

/// <param name="By">Who has seen it.</param>
public sealed record AcknowledgeAlarm(string By);

/// <summary>The rules by which alarms rise and fall; they can be kept in a file and given to another city.</summary>
public sealed record AlarmRules(IReadOnlyList<AlarmRuleEntry> Rules);

/// <param name="Kinds">crowd, silence, incidents.</param>
/// <param name="Raise">From this score on, for <paramref name="RaiseBins"/> bins in a row, it rises.</param>
/// <param name="Clear">Below this one, for <paramref name="ClearBins"/> bins in a row, it falls.</param>
/// <param name="CoolDownMinutes">After that the cell raises none for so long.</param>
public sealed record AlarmRuleEntry(string Name, IReadOnlyList<string> Kinds, double Raise, double Clear, int RaiseBins = 1, int ClearBins = 3, int CoolDownMinutes = 60);
