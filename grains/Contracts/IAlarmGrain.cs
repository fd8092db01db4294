namespace CitySafeSense.Contracts;

/// <summary>The city's alarms: `alarms`. They are made of anomalies alone, which are made of what was released.</summary>
[Alias("citysafe.IAlarmGrain")]
public interface IAlarmGrain : IGrainWithStringKey
{
    /// <summary>Takes in what is out of the ordinary in a bin; durable when it returns. A bin that comes again changes nothing.</summary>
    /// <param name="at">Unix seconds: the end of the bin.</param>
    [Alias("Judge")]
    Task Judge(long bin, long at, ImmutableArray<Anomaly> anomalies);

    /// <summary>Newest first.</summary>
    [AlwaysInterleave]
    [Alias("Recent")]
    Task<ImmutableArray<AlarmView>> Recent(bool active, int most);

    /// <summary>Somebody has seen it; the audit says who.</summary>
    /// <exception cref="ArgumentException">There is no such alarm, or it is not open.</exception>
    [Alias("Acknowledge")]
    Task<AlarmView> Acknowledge(int number, string by);

    [AlwaysInterleave]
    [Alias("Rules")]
    Task<ImmutableArray<RuleView>> Rules();

    /// <summary>In place of the rules there are; the audit says who did it.</summary>
    /// <exception cref="ArgumentException">A rule is not in order; the ones there are stay.</exception>
    [Alias("Follow")]
    Task Follow(ImmutableArray<RuleView> rules, string by);
}

/// <param name="Cells">Where it began, and what has joined since.</param>
/// <param name="State">open, acknowledged or cleared.</param>
/// <param name="Since">Unix seconds, as all times here.</param>
[GenerateSerializer, Immutable, Alias("citysafe.AlarmView")]
public sealed record AlarmView(
    int Number, string Rule, ImmutableArray<string> Cells, string Kind, string State, double Score, double Observed, double Expected, long Since, long Opened,
    long? Acknowledged, string? AcknowledgedBy, long? Cleared);

/// <param name="Kinds">crowd, silence, incidents.</param>
[GenerateSerializer, Immutable, Alias("citysafe.RuleView")]
public sealed record RuleView(string Name, ImmutableArray<string> Kinds, double Raise, double Clear, int RaiseBins, int ClearBins, int CoolDownMinutes);
