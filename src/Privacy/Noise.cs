using System.Buffers.Binary;

namespace CitySafeSense.Privacy;

/// <summary>Chance that protects people: noise on what is released, and who takes part. Several threads may ask.</summary>
public sealed class Noise(IRandomBytes random)
{
    /// <summary>Steps of <see cref="Gaussian(double)"/> to a unit.</summary>
    private const int StepsPerUnit = 1024;

    private readonly Lock gate = new();
    private readonly DiscreteGaussian gaussian = new(random);

    /// <summary>A whole number of a lattice, normal with at least this deviation.</summary>
    /// <param name="sigma">In steps of the lattice.</param>
    public long Steps(double sigma)
    {
        lock (gate) return gaussian.Draw(Math.Max(1, (long)Math.Ceiling(sigma)));
    }

    /// <summary>Noise for counts: multiples of 1/1024, normal with at least this deviation.</summary>
    public double Gaussian(double sigma) => Steps(sigma * StepsPerUnit) / (double)StepsPerUnit;

    /// <summary>True with this probability, to 2^-53.</summary>
    public bool Chance(double probability)
    {
        Span<byte> bytes = stackalloc byte[8];
        lock (gate) random.Fill(bytes);
        return (BinaryPrimitives.ReadUInt64LittleEndian(bytes) >> 11) * (1.0 / (1UL << 53)) < probability;
    }
}
