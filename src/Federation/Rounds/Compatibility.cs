namespace CitySafeSense.Federation;

/// <summary>Two options that do not go together, and why.</summary>
public sealed record Incompatible(string First, string Second, string Reason);

/// <summary>Which choices of a round go together, as data: what is not refused here is allowed.</summary>
public static class Compatibility
{
    public static IReadOnlyList<Incompatible> Refused { get; } =
    [
        new("dp", "aggregation median", Sensitivity),
        new("dp", "aggregation trimmed", Sensitivity),
        new("dp", "aggregation krum", Sensitivity),
        new("dp", "aggregation multi-krum", Sensitivity),
        new("strategy local", "dp", "nothing is sent, so there is nothing to make private"),
        new("dp", "codec int8", Feedback),
        new("dp", "codec top-k", Feedback),
        new("strategy scaffold", "codec top-k", "control variates must arrive whole or clients and server drift apart"),
    ];

    private const string Sensitivity = "noise is computed for a sum in which one client has a bounded part; this rule has no such bound";
    private const string Feedback = "what a codec leaves out of one update comes with a later one, so a client's part in one round would depend on rounds it was not drawn for";

    /// <exception cref="ArgumentException">Two of them do not go together; names both.</exception>
    public static void Check(Strategy strategy, AggregationRule aggregation, UpdateCodec codec, PrivacyPlan? privacy)
    {
        HashSet<string> chosen = [$"strategy {strategy.Name}", $"aggregation {aggregation.Kind}", $"codec {codec.Kind}"];
        if (privacy is not null) chosen.Add("dp");
        if (Refused.FirstOrDefault(r => chosen.Contains(r.First) && chosen.Contains(r.Second)) is { } pair)
            throw new ArgumentException($"{pair.First} and {pair.Second} do not go together: {pair.Reason}");
    }
}
