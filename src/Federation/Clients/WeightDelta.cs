using CitySafeSense.Numerics;

namespace CitySafeSense.Federation;

/// <summary>
/// Weights as what they differ by from a version that many clients share: two bytes for each, rounded up or down by chance, so
/// that what is lost in a round is right on average over many.
/// </summary>
public sealed class WeightDelta
{
    private readonly ReadOnlyMemory<float> basis;
    private readonly ushort[] halves;

    /// <param name="basis">Kept, not copied: it is everybody's.</param>
    /// <param name="halves">Kept, not copied.</param>
    internal WeightDelta(string basisName, ReadOnlyMemory<float> basis, int exponent, ushort[] halves)
    {
        if (halves.Length != basis.Length) throw new FormatException($"{halves.Length} weights do not differ from {basis.Length}");
        (BasisName, this.basis, Exponent, this.halves) = (basisName, basis, exponent, halves);
    }

    public static WeightDelta None { get; } = new("", ReadOnlyMemory<float>.Empty, 0, []);

    public static WeightDelta Of(ReadOnlySpan<float> weights, string basisName, ReadOnlyMemory<float> basis, Rng rng)
    {
        var (difference, halves) = (weights.ToArray(), new ushort[weights.Length]);
        Kernels.Chosen.AddScaled(-1, basis.Span, difference);
        var exponent = HalfFloats.ExponentFor(difference);
        HalfFloats.Round(difference, exponent, rng, halves);
        return new(basisName, basis, exponent, halves);
    }

    /// <summary>Hash of the version they differ from.</summary>
    public string BasisName { get; }

    public int Length => halves.Length;

    internal int Exponent { get; }
    internal ReadOnlySpan<ushort> Halves => halves;

    /// <param name="weights">[length].</param>
    public void CopyTo(Span<float> weights) => HalfFloats.Add(halves, Exponent, basis.Span, weights);

    public float[] ToArray()
    {
        var weights = new float[Length];
        CopyTo(weights);
        return weights;
    }
}
