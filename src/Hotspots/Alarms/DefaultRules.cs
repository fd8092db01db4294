namespace CitySafeSense.Hotspots;

/// <summary>The rules a city begins with. Crowds and silences are in standard deviations; windows of harm scatter more, for one person's come in rows.</summary>
public static class DefaultRules
{
    /// <summary>Exact counts of five minutes above k: crowds from the score on at which 2,000 cells without incidents gave 0.01 false alarms per cell and week (`simulate city --calibrate`).</summary>
    public static IReadOnlyList<AlarmRule> OfMinutes { get; } =
    [
        new("crowd", [AnomalyKind.Crowd], Raise: 3.8, Clear: 2.5),
        new("silence", [AnomalyKind.Silence], Raise: 6, Clear: 3, RaiseBins: 3),
        new("incidents", [AnomalyKind.Incidents], Raise: 5, Clear: 2.5),
    ];

    /// <summary>Noisy hours, calibrated likewise: at such a rate they tell hardly more than a concert. Whoever wants to hear of less follows rules of their own.</summary>
    public static IReadOnlyList<AlarmRule> OfNoisyHours { get; } =
    [
        new("crowd", [AnomalyKind.Crowd], Raise: 18, Clear: 9, ClearBins: 1, CoolDownMinutes: 120),
        new("silence", [AnomalyKind.Silence], Raise: 6, Clear: 3, ClearBins: 1, CoolDownMinutes: 120),
    ];
}
