using System.Numerics;

namespace CitySafeSense.Numerics;

/// <summary>
/// A seeded stream of random numbers: xoshiro256** (Blackman and Vigna 2018) started by SplitMix64.
/// Not for secrets: noise that protects people is drawn from a cryptographic source.
/// </summary>
/// <remarks>Streams that must not depend on each other's order are made by <see cref="For"/>, one for each purpose.</remarks>
public sealed class Rng
{
    private ulong s0, s1, s2, s3;
    private double spareGaussian = double.NaN;

    public Rng(ulong seed)
    {
        s0 = SplitMix64(ref seed);
        s1 = SplitMix64(ref seed);
        s2 = SplitMix64(ref seed);
        s3 = SplitMix64(ref seed);
    }

    /// <summary>The stream that belongs to a seed and a purpose, such as ("train", device, round).</summary>
    public static Rng For(ulong seed, params ReadOnlySpan<string> purpose)
    {
        var mixed = seed;
        foreach (var part in purpose) mixed = StableHash.Combine(mixed, StableHash.Of(part));
        return new Rng(mixed);
    }

    public ulong NextUInt64()
    {
        var result = BitOperations.RotateLeft(s1 * 5, 7) * 9;
        var t = s1 << 17;
        s2 ^= s0;
        s3 ^= s1;
        s1 ^= s2;
        s0 ^= s3;
        s2 ^= t;
        s3 = BitOperations.RotateLeft(s3, 45);
        return result;
    }

    /// <summary>Uniform in [0, 1) with 53 random bits.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [low, high).</summary>
    public double Uniform(double low, double high) => low + (high - low) * NextDouble();

    /// <summary>True with the given probability.</summary>
    public bool Chance(double probability) => NextDouble() < probability;

    /// <summary>Uniform in [0, bound), unbiased (Lemire 2019).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The bound is not positive.</exception>
    public int NextInt(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        var range = (ulong)bound;
        var product = (UInt128)NextUInt64() * range;
        var low = (ulong)product;
        if (low < range)
        {
            var threshold = unchecked(0UL - range) % range;
            while (low < threshold)
            {
                product = (UInt128)NextUInt64() * range;
                low = (ulong)product;
            }
        }
        return (int)(product >> 64);
    }

    /// <summary>Standard normal, by Marsaglia's polar method.</summary>
    public double Gaussian()
    {
        if (!double.IsNaN(spareGaussian))
        {
            var spare = spareGaussian;
            spareGaussian = double.NaN;
            return spare;
        }
        while (true)
        {
            var u = 2 * NextDouble() - 1;
            var v = 2 * NextDouble() - 1;
            var s = u * u + v * v;
            if (s is >= 1 or 0) continue;
            var factor = Math.Sqrt(-2 * Elementary.Log(s) / s);
            spareGaussian = v * factor;
            return u * factor;
        }
    }

    /// <summary>Normal with the given mean and standard deviation.</summary>
    public double Gaussian(double mean, double deviation) => mean + deviation * Gaussian();

    /// <summary>Fisher-Yates.</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = NextInt(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    private static ulong SplitMix64(ref ulong state)
    {
        state += 0x9E3779B97F4A7C15UL;
        var z = state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
