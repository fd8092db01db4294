using System.Security.Cryptography;
using CitySafeSense.Numerics;
using CitySafeSense.Privacy;

namespace CitySafeSense.Silo.Ports;

/// <summary>Normal numbers from the operating system's cryptographic source (Box and Muller), for releases about real people.</summary>
public sealed class CryptographicNoise : INoiseSource
{
    public double Gaussian() => Math.Sqrt(-2 * Math.Log(Uniform())) * Math.Cos(2 * Math.PI * Uniform());

    /// <summary>Uniform in (0, 1], 53 bits.</summary>
    private static double Uniform()
    {
        Span<byte> bytes = stackalloc byte[8];
        RandomNumberGenerator.Fill(bytes);
        return ((BitConverter.ToUInt64(bytes) >> 11) + 1) * (1.0 / (1UL << 53));
    }
}

/// <summary>Repeatable noise for virtual devices.</summary>
public sealed class SeededNoise(ulong seed) : INoiseSource
{
    private readonly Rng rng = Rng.For(seed, "noise");

    public double Gaussian()
    {
        lock (rng) return rng.Gaussian();
    }
}

/// <summary>Secrets from the operating system's cryptographic source.</summary>
public sealed class CryptographicBytes : IRandomBytes
{
    public void Fill(Span<byte> bytes) => RandomNumberGenerator.Fill(bytes);
}
