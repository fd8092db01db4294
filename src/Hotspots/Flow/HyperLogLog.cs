using CitySafeSense.Numerics;

namespace CitySafeSense.Hotspots;

/// <summary>
/// How many different numbers there were, from 2^p registers of six bits (Flajolet et al. 2007), estimated as Ertl does
/// (2017, "New cardinality estimation algorithms for HyperLogLog sketches", algorithm 6): right from the first number on, without
/// tables. Standard error 1.04 / sqrt(2^p). Numbers must look like chance; keyed pseudonyms do.
/// </summary>
public sealed class HyperLogLog
{
    private const int RegisterBits = 6;
    private readonly byte[] packed;

    /// <param name="precision">p: 4 to 16.</param>
    public HyperLogLog(int precision)
    {
        if (precision is < 4 or > 16) throw new ArgumentOutOfRangeException(nameof(precision), precision, "a sketch has a precision of 4 to 16");
        Precision = precision;
        packed = new byte[BytesOf(precision)];
    }

    public int Precision { get; }

    /// <summary>Its registers, six bits each.</summary>
    public ReadOnlySpan<byte> Packed => packed;

    public static int BytesOf(int precision) => (1 << precision) * RegisterBits / 8;

    /// <summary>The deviation of an estimate, as a share of it.</summary>
    public static double StandardError(int precision) => 1.04 / Math.Sqrt(1 << precision);

    /// <exception cref="FormatException">There are not as many bytes as registers need.</exception>
    public static HyperLogLog Decode(int precision, ReadOnlySpan<byte> packed)
    {
        var sketch = new HyperLogLog(precision);
        if (packed.Length != sketch.packed.Length) throw new FormatException($"a sketch of precision {precision} has {sketch.packed.Length} bytes, not {packed.Length}");
        packed.CopyTo(sketch.packed);
        return sketch;
    }

    public void Add(ulong number)
    {
        var register = (int)(number >> (64 - Precision));
        var rank = System.Numerics.BitOperations.LeadingZeroCount(number << Precision | 1UL << (Precision - 1)) + 1;
        if (rank > this[register]) this[register] = rank;
    }

    /// <summary>Takes in what another has seen, as if this one had seen it.</summary>
    public void Merge(HyperLogLog other)
    {
        if (other.Precision != Precision) throw new ArgumentException($"sketches of precision {Precision} and {other.Precision} do not go together");
        for (var register = 0; register < 1 << Precision; register++)
            if (other[register] > this[register]) this[register] = other[register];
    }

    public double Estimate()
    {
        var (m, q) = (1 << Precision, 64 - Precision);
        Span<int> multiplicity = stackalloc int[q + 2];
        for (var register = 0; register < m; register++) multiplicity[this[register]]++;
        var z = m * Tau(1 - multiplicity[q + 1] / (double)m);
        for (var rank = q; rank >= 1; rank--) z = 0.5 * (z + multiplicity[rank]);
        z += m * Sigma(multiplicity[0] / (double)m);
        return m / (2 * Elementary.Log(2)) * m / z;
    }

    private int this[int register]
    {
        get
        {
            var (at, shift) = (register * RegisterBits / 8, register * RegisterBits % 8);
            return (packed[at] | (at + 1 < packed.Length ? packed[at + 1] << 8 : 0)) >> shift & 63;
        }
        set
        {
            var (at, shift) = (register * RegisterBits / 8, register * RegisterBits % 8);
            var both = (packed[at] | (at + 1 < packed.Length ? packed[at + 1] << 8 : 0)) & ~(63 << shift) | value << shift;
            packed[at] = (byte)both;
            if (at + 1 < packed.Length) packed[at + 1] = (byte)(both >> 8);
        }
    }

    private static double Sigma(double x)
    {
        if (x >= 1) return double.PositiveInfinity;
        var (y, z, before) = (1.0, x, 0.0);
        do
        {
            (x, before) = (x * x, z);
            (z, y) = (z + x * y, 2 * y);
        }
        while (z > before);
        return z;
    }

    private static double Tau(double x)
    {
        if (x is <= 0 or >= 1) return 0;
        var (y, z, before) = (1.0, 1 - x, 0.0);
        do
        {
            (x, before, y) = (Math.Sqrt(x), z, y / 2);
            z -= (1 - x) * (1 - x) * y;
        }
        while (z < before);
        return z / 3;
    }
}
