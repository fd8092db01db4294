using CitySafeSense.Numerics;
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

    /// <summary>Of the lattice that sums lie on.</summary>
    public const int StepsPerUnit = 1 << FixedPoint.FractionBits;

    private const double One = StepsPerUnit;
    private readonly long[] sums = new long[length];

    public int Updates { get; private set; }
    public long Weight { get; private set; }

    /// <exception cref="ArgumentException">The update has another length.</exception>
    /// <exception cref="InvalidOperationException">The sum is full.</exception>
    public void Add(ClippedUpdate update)
    {
        if (update.Delta.Length != sums.Length) throw new ArgumentException($"an update of {update.Delta.Length} values does not fit a sum of {sums.Length}");
        Reserve(1);
        FixedPoint.AddWeighted(update.Delta, update.Weight, sums);
        Weight += update.Weight;
    }

    /// <summary>Adds many at once, four by four.</summary>
    /// <exception cref="ArgumentException">An update has another length; nothing is added.</exception>
    public void Add(IReadOnlyList<ClippedUpdate> updates)
    {
        if (updates.FirstOrDefault(u => u.Delta.Length != sums.Length) is { } misfit) throw new ArgumentException($"an update of {misfit.Delta.Length} values does not fit a sum of {sums.Length}");
        Reserve(updates.Count);
        var u = 0;
        for (; u <= updates.Count - 4; u += 4)
        {
            var (a, b, c, d) = (updates[u], updates[u + 1], updates[u + 2], updates[u + 3]);
            FixedPoint.AddWeighted(a.Delta, a.Weight, b.Delta, b.Weight, c.Delta, c.Weight, d.Delta, d.Weight, sums);
        }
        for (; u < updates.Count; u++) FixedPoint.AddWeighted(updates[u].Delta, updates[u].Weight, sums);
        foreach (var update in updates) Weight += update.Weight;
    }

    /// <summary>Adds another partial sum.</summary>
    public void Add(FixedPointSum other)
    {
        if (other.sums.Length != sums.Length) throw new ArgumentException($"a sum of {other.sums.Length} values does not fit one of {sums.Length}");
        Reserve(other.Updates);
        for (var i = 0; i < sums.Length; i++) sums[i] += other.sums[i];
        Weight += other.Weight;
    }

    /// <summary>Adds what a secure sum came to, whose fractions are no finer.</summary>
    public void Add(SecureTotal total)
    {
        if (total.WeightedDelta.Length != sums.Length) throw new ArgumentException($"a sum of {total.WeightedDelta.Length} values does not fit one of {sums.Length}");
        Reserve(total.Updates);
        for (var i = 0; i < sums.Length; i++) sums[i] += (long)Math.Round(total.WeightedDelta[i] * One);
        Weight += total.Weight;
    }

    /// <summary>Adds a number to every entry, in steps.</summary>
    public void Add(Func<long> noise)
    {
        for (var i = 0; i < sums.Length; i++) sums[i] += noise();
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
