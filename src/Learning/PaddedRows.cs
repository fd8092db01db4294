using CitySafeSense.Numerics;

namespace CitySafeSense.Learning;

/// <summary>
/// Rows of samples with room for zeros on both sides, so that a dilated tap can look before the first sample, and its
/// gradient after the last, without a branch. Time is padded to whole vectors of 16.
/// </summary>
public sealed class PaddedRows(int rows, int samples, int padding)
{
    public int Rows { get; } = rows;
    public int Samples { get; } = samples;
    public int Vectors { get; } = (samples + VectorKernels.Lanes - 1) / VectorKernels.Lanes;

    /// <summary>Where sample 0 of row 0 lies; everything left of it is zero and stays so.</summary>
    public int Origin { get; } = Ceiling(padding);

    public int Stride { get; } = 2 * Ceiling(padding) + Ceiling(samples);
    public float[] Data { get; } = new float[rows * (2 * Ceiling(padding) + Ceiling(samples))];

    /// <summary>[samples] of one row.</summary>
    public Span<float> Row(int row) => Data.AsSpan(row * Stride + Origin, Samples);

    private static int Ceiling(int n) => (n + VectorKernels.Lanes - 1) / VectorKernels.Lanes * VectorKernels.Lanes;
}
