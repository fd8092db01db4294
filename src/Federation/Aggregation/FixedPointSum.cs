using CitySafeSense.Privacy;

namespace CitySafeSense.Federation;

/// <summary>
/// A weighted sum of updates in 64-bit fixed point: integers add without rounding, so any order and any tree of partial sums
/// give the same bits. It cannot overflow: entries are at most 2^10 (<see cref="ClippedUpdate.NormMaxLimit"/>), weights 2^16,
/// updates 2^13, fraction 2^24; together 2^63.
/// </summary>
public sealed class FixedPointSum(int length)
{
    public const int MaxUpdates = 8191;
    private const double One = 1 << 24;
    private readonly long[] sums = new long[length];

    public int Updates { get; private set; }
    public long Weight { get; private set; }

    /// <exception cref="ArgumentException">The update has another length.</exception>
    /// <exception cref="InvalidOperationException">The sum is full.</exception>
    public void Add(ClippedUpdate update)
    {
        if (update.Delta.Length != sums.Length) throw new ArgumentException($"an update of {update.Delta.Length} values does not fit a sum of {sums.Length}");
        Reserve(1);
        for (var i = 0; i < sums.Length; i++) sums[i] += (long)Math.Round(update.Delta[i] * One) * update.Weight;
        Weight += update.Weight;
    }

    /// <summary>Adds another partial sum.</summary>
    public void Add(FixedPointSum other)
    {
        if (other.sums.Length != sums.Length) throw new ArgumentException($"a sum of {other.sums.Length} values does not fit one of {sums.Length}");
        Reserve(other.Updates);
        for (var i = 0; i < sums.Length; i++) sums[i] += other.sums[i];
        Weight += other.Weight;
    }

    /// <summary>sum of weight * delta / sum of weights.</summary>
    /// <exception cref="InvalidOperationException">Nothing was added.</exception>
    public float[] Mean() => Weight == 0 ? throw new InvalidOperationException("the mean of no updates does not exist") : Over(Weight);

    /// <summary>sum of weight * delta / divisor.</summary>
    public float[] Over(double divisor)
    {
        var quotient = new float[sums.Length];
        for (var i = 0; i < quotient.Length; i++) quotient[i] = (float)(sums[i] / (One * divisor));
        return quotient;
    }

    private void Reserve(int updates)
    {
        if (Updates + updates > MaxUpdates) throw new InvalidOperationException($"a sum takes at most {MaxUpdates} updates");
        Updates += updates;
    }
}
