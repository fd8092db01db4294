using System.Buffers.Binary;

namespace CitySafeSense.Privacy;

/// <summary>
/// Whole numbers with probability proportional to exp(-x^2 / (2 sigma^2)), drawn exactly with whole numbers only (Canonne, Kamath and
/// Steinke 2020, algorithms 1 to 3). Normal numbers of a computer are no such thing: the bits that rounding leaves out of them can
/// tell what they were added to (Mironov 2012).
/// </summary>
/// <remarks>It protects as the continuous one of the same sigma does (theorem 4 there), for sensitivities in the same whole numbers.</remarks>
/// <param name="random">Not used up by anybody else at the same time.</param>
public sealed class DiscreteGaussian(IRandomBytes random)
{
    /// <summary>Everything stays within 128 bits up to here.</summary>
    public const long SigmaMax = 1L << 40;

    private readonly byte[] buffer = new byte[4096];
    private int used = 4096;

    /// <exception cref="ArgumentOutOfRangeException">Sigma is not 1 to <see cref="SigmaMax"/>.</exception>
    public long Draw(long sigma)
    {
        if (sigma is < 1 or > SigmaMax) throw new ArgumentOutOfRangeException(nameof(sigma), sigma, $"sigma is a whole number from 1 to {SigmaMax}");
        // Algorithm 3 with t = sigma: a proposal from the discrete Laplace distribution, taken with probability exp(-(|y| - sigma)^2 / (2 sigma^2)).
        var square = 2 * (UInt128)sigma * (UInt128)sigma;
        while (true)
        {
            var y = Laplace(sigma);
            var off = (UInt128)Math.Abs(Math.Abs(y) - sigma);
            if (off <= (UInt128)sigma << 20 && HappensAtExponential(off * off, square)) return y; // beyond, e^(-2^39) is nothing
        }
    }

    /// <summary>Algorithm 2: probability proportional to exp(-|x| / t).</summary>
    private long Laplace(long t)
    {
        while (true)
        {
            var u = (long)Below((UInt128)t);
            if (!HappensAtExponential((UInt128)u, (UInt128)t)) continue;
            var v = 0L;
            while (HappensAtExponential(1, 1)) v++;
            var (magnitude, isNegative) = (u + t * v, Below(2) == 0);
            if (!isNegative || magnitude != 0) return isNegative ? -magnitude : magnitude; // zero is there once
        }
    }

    /// <summary>Algorithm 1: with probability exp(-n / d).</summary>
    private bool HappensAtExponential(UInt128 n, UInt128 d)
    {
        for (; n > d; n -= d)
            if (!HappensAtExponential(1, 1)) return false;
        for (var k = 1u; ; k++)
            if (Below(d * k) >= n) return k % 2 == 1;
    }

    /// <summary>Uniform in [0, bound).</summary>
    private UInt128 Below(UInt128 bound)
    {
        var bits = 128 - (int)UInt128.LeadingZeroCount(bound - 1);
        if (bits == 0) return 0;
        while (true)
            if ((bits > 64 ? new UInt128(Next(bits - 64), Next(64)) : Next(bits)) is var drawn && drawn < bound) return drawn;
    }

    private ulong Next(int bits)
    {
        if (used + 8 > buffer.Length)
        {
            random.Fill(buffer);
            used = 0;
        }
        var word = BinaryPrimitives.ReadUInt64LittleEndian(buffer.AsSpan(used));
        used += 8;
        return word >> (64 - bits);
    }
}
