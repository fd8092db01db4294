namespace CitySafeSense.Hotspots;

public enum AlarmState : byte
{
    Open,

    /// <summary>Somebody has seen it; it goes on until it clears.</summary>
    Acknowledged,
    Cleared,
}

/// <summary>Something out of the ordinary that somebody should look at: one for one cause, however many cells it has.</summary>
/// <param name="Cells">Where it began, and what has joined since.</param>
/// <param name="Score">The highest so far.</param>
/// <param name="Observed">When it opened, as <paramref name="Expected"/> and <paramref name="Since"/>.</param>
/// <param name="Since">Unix seconds of what it is about; <paramref name="Opened"/> is when it was noticed.</param>
public sealed record Alarm(
    int Number, string Rule, IReadOnlyList<CellId> Cells, AnomalyKind Kind, AlarmState State, double Score, double Observed, double Expected, long Since, long Opened,
    long? Acknowledged = null, string? AcknowledgedBy = null, long? Cleared = null);
