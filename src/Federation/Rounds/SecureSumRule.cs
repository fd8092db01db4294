using System.Collections.Immutable;

namespace CitySafeSense.Federation;

/// <summary>How a round sums updates that nobody sees: in shards, each a secure sum of its own.</summary>
public sealed record SecureSumRule
{
    /// <summary>Participants of the smallest shard: the crowd that everybody hides in.</summary>
    public const int ShardMin = 32;

    /// <summary>Share of a shard that must stay to the end; more than half, or a server could show two halves two stories.</summary>
    public double Threshold { get; init; } = 2.0 / 3;

    /// <summary>Shards of at least <see cref="ShardMin"/>, none larger than needed; empty if there are too few.</summary>
    public static ImmutableArray<ImmutableArray<string>> Shards(ImmutableArray<string> invited)
    {
        var count = invited.Length / ShardMin;
        return [.. Enumerable.Range(0, count).Select(s => invited[(s * invited.Length / count)..((s + 1) * invited.Length / count)])];
    }

    public int ThresholdOf(int participants) => Math.Max(participants / 2 + 1, (int)Math.Ceiling(Threshold * participants));

    /// <exception cref="ArgumentException">Names the setting and the range allowed.</exception>
    public void Validate() => RoundPlan.Require(Threshold is > 0.5 and <= 1, "secure sum threshold", "above 0.5 and up to 1");
}
