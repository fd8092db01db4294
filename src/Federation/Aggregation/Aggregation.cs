using CitySafeSense.Privacy;

namespace CitySafeSense.Federation;

/// <summary>
/// What the updates of one round become: a single change of the weights. It clips each update itself, before anything else
/// sees it, and the outcome does not depend on the order in which they come.
/// </summary>
public abstract class Aggregation(int length, double normMax)
{
    /// <summary>Updates that were taken.</summary>
    public int Updates { get; private set; }

    /// <summary>Of those, how many were longer than allowed.</summary>
    public int Clipped { get; private set; }

    protected int Length => length;

    /// <summary>The longest update that is taken as it is.</summary>
    protected double NormMax => normMax;

    /// <param name="samples">Training samples behind the update.</param>
    /// <exception cref="ArgumentException">The update has another length, a value that is not finite, or no samples: nothing of it is taken.</exception>
    public void Add(string participant, ReadOnlySpan<float> update, int samples)
    {
        if (update.Length != length) throw new ArgumentException($"an update of {update.Length} values does not fit a round of {length}");
        var clipped = ClippedUpdate.Clip(update, samples, normMax);
        Take(participant, clipped);
        Updates++;
        if (clipped.WasClipped) Clipped++;
    }

    /// <summary>Takes what a secure sum of several updates came to. Who of them was clipped nobody knows.</summary>
    /// <exception cref="ArgumentException">It has another length: nothing of it is taken.</exception>
    public void Add(SecureTotal total)
    {
        if (total.WeightedDelta.Length != length) throw new ArgumentException($"a sum of {total.WeightedDelta.Length} values does not fit a round of {length}");
        Take(total);
        Updates += total.Updates;
    }

    /// <summary>The change of the weights, [length].</summary>
    /// <exception cref="InvalidOperationException">There is nothing to aggregate, or too little for the rule.</exception>
    public abstract float[] Finish();

    protected abstract void Take(string participant, ClippedUpdate update);

    protected virtual void Take(SecureTotal total) => throw new InvalidOperationException($"{GetType().Name} looks at single updates, and a secure sum has none");
}

/// <summary>The mean, weighted by samples (FedAvg, McMahan et al. 2017).</summary>
public sealed class MeanAggregation(int length, double normMax) : Aggregation(length, normMax)
{
    private readonly FixedPointSum sum = new(length);

    public override float[] Finish() => sum.Mean();

    protected override void Take(string participant, ClippedUpdate update) => sum.Add(update);

    protected override void Take(SecureTotal total) => sum.Add(total);
}

/// <summary>The coordinate-wise median of what shards of a secure sum come to on average: of updates nobody sees, the rule that does not follow liars in fewer than half of the shards.</summary>
public sealed class ShardMedianAggregation(int length, double normMax) : Aggregation(length, normMax)
{
    private readonly List<float[]> means = [];

    public override float[] Finish() => means.Count > 0 ? TrimmedMean.Median.Of(means) : throw new InvalidOperationException("the median of no shards does not exist");

    protected override void Take(string participant, ClippedUpdate update) => throw new InvalidOperationException("shards are compared here, not single updates");

    protected override void Take(SecureTotal total) => means.Add([.. total.WeightedDelta.Select(d => (float)(d / total.Weight))]);
}

/// <summary>
/// A rule that looks at updates one beside another. At most <see cref="UpdatesMax"/> are held, in memory only; in a larger
/// round it looks at the means of so many shards instead, and a liar counts for its shard.
/// </summary>
public sealed class GatheredAggregation(IRobustRule rule, int length, double normMax, int expected) : Aggregation(length, normMax)
{
    public const int UpdatesMax = 256;
    private readonly SortedDictionary<string, ClippedUpdate> updates = new(StringComparer.Ordinal);
    private readonly SortedDictionary<int, FixedPointSum> shards = [];

    /// <summary>Whether the rule sees shard means, not updates.</summary>
    public bool IsSharded => expected > UpdatesMax;

    public override float[] Finish() => rule.Of(IsSharded ? [.. shards.Values.Select(s => s.Mean())] : [.. updates.Values.Select(u => u.Delta.ToArray())]);

    protected override void Take(string participant, ClippedUpdate update)
    {
        if (!IsSharded)
        {
            if (updates.Count >= UpdatesMax) throw new InvalidOperationException($"{UpdatesMax} updates are held at most; the round expected {expected}");
            updates.Add(participant, update);
            return;
        }
        var shard = (int)(Numerics.StableHash.Of(participant) % UpdatesMax);
        if (!shards.TryGetValue(shard, out var sum)) shards[shard] = sum = new FixedPointSum(Length);
        sum.Add(update);
    }
}
