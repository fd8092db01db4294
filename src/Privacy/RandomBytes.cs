using System.Buffers.Binary;
using CitySafeSense.Numerics;

namespace CitySafeSense.Privacy;

/// <summary>Where secrets and noise come from: the operating system's cryptographic source where people are real, a seed where they are virtual.</summary>
public interface IRandomBytes
{
    void Fill(Span<byte> bytes);
}

/// <summary>Repeatable bytes for virtual devices and tests; they protect nobody.</summary>
public sealed class SeededBytes(Rng rng) : IRandomBytes
{
    public void Fill(Span<byte> bytes)
    {
        Span<byte> word = stackalloc byte[8];
        for (; bytes.Length > 0; bytes = bytes[Math.Min(8, bytes.Length)..])
        {
            BinaryPrimitives.WriteUInt64LittleEndian(word, rng.NextUInt64());
            word[..Math.Min(8, bytes.Length)].CopyTo(bytes);
        }
    }
}
