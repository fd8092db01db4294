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
        new("dp", "aggregation shard-median", Sensitivity),
        new("secure sum", "aggregation median", Unseen),
        new("secure sum", "aggregation trimmed", Unseen),
        new("secure sum", "aggregation krum", Unseen),
        new("secure sum", "aggregation multi-krum", Unseen),
        new("secure sum", "codec float16", Masked),
        new("secure sum", "codec int8", Masked),
        new("secure sum", "codec top-k", Masked),
        new("secure sum", "clipping that adapts", "the server counts how many updates are within the bound, and sees none"),
        new("secure sum", "strategy local", "nothing is sent, so there is nothing to sum"),
        new("secure sum", "strategy fedbuff", "masks of one round do not cancel those of another, and its reports come from several"),
        new("dp", "strategy fedbuff", "the accountant needs every client to join each round by chance alone; who is buffered depends on who is fast"),
        new("single updates", "aggregation shard-median", "it compares sums of shards, which only a secure sum has"),
        new("strategy scaffold", "codec top-k", "control variates must arrive whole or clients and server drift apart"),
    ];

    private const string Sensitivity = "noise is computed for a sum in which one client has a bounded part; this rule has no such bound";
    private const string Feedback = "what a codec leaves out of one update comes with a later one, so a client's part in one round would depend on rounds it was not drawn for";

    private const string Unseen = "the rule compares single updates, and nobody sees one";
    private const string Masked = "masks cancel only where everybody sends the same whole numbers for every entry";

    /// <exception cref="ArgumentException">Two of them do not go together; names both.</exception>
    public static void Check(RoundPlan plan, Strategy strategy)
    {
        HashSet<string> chosen = [$"strategy {strategy.Name}", $"aggregation {plan.Aggregation.Kind}", $"codec {plan.Codec.Kind}", plan.SecureSum is null ? "single updates" : "secure sum"];
        if (plan.Privacy is not null) chosen.Add("dp");
        if (plan.Privacy is { AdaptsClipping: true }) chosen.Add("clipping that adapts");
        if (Refused.FirstOrDefault(r => chosen.Contains(r.First) && chosen.Contains(r.Second)) is { } pair)
            throw new ArgumentException($"{pair.First} and {pair.Second} do not go together: {pair.Reason}");
    }
}
