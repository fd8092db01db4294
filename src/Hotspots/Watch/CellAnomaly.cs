namespace CitySafeSense.Hotspots;

/// <summary>What makes a cell out of the ordinary.</summary>
public enum AnomalyKind
{
    None,

    /// <summary>More people than usual at this hour of the week, beside what the city and the surroundings explain.</summary>
    Crowd,

    /// <summary>Nothing is shown of a place that usually is full of people.</summary>
    Silence,

    /// <summary>More windows of harm among all than elsewhere at the same time.</summary>
    Incidents,
}

/// <summary>How far out of the ordinary a cell is, and why.</summary>
/// <param name="Score">In standard deviations, roughly; the largest of its kinds counts.</param>
/// <param name="Observed">People or windows since then; for silence the most there can have been.</param>
/// <param name="SinceUnixSeconds">Start of the first bin it is about.</param>
public sealed record CellAnomaly(CellId Cell, AnomalyKind Kind, double Score, double Observed, double Expected, long SinceUnixSeconds, EmergingClass Emerging);

/// <summary>What was released of a cell for one bin.</summary>
/// <param name="People">How many, noisy or not.</param>
/// <param name="IncidentWindows">Of harm; nothing where windows are not told by class.</param>
/// <param name="IncidentScore">How far they lie above the region's share (<see cref="Hotspots.IncidentScore"/>).</param>
public readonly record struct ReleasedFlow(CellId Cell, int People, int IncidentWindows, double ExpectedIncidentWindows, double IncidentScore);
