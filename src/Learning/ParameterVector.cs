using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace CitySafeSense.Learning;

/// <summary>Weights as one flat vector that no longer changes, and the name of their content. Bytes are little-endian float32, nothing else.</summary>
public sealed class ParameterVector
{
    private readonly float[] values;

    /// <param name="values">Kept, not copied.</param>
    /// <exception cref="ArgumentException">A value is not finite; training diverged or the bytes are not weights.</exception>
    public ParameterVector(float[] values)
    {
        for (var i = 0; i < values.Length; i++)
            if (!float.IsFinite(values[i])) throw new ArgumentException($"parameter {i} of {values.Length} is {values[i]}: training diverged (lower the learning rate) or these are not weights");
        this.values = values;
        Hash = Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(values.AsSpan())));
    }

    /// <summary>SHA-256 of the bytes: two vectors with one hash are the same model.</summary>
    public string Hash { get; }

    public int Length => values.Length;
    public ReadOnlySpan<float> Values => values;

    public byte[] ToBytes() => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    public static ParameterVector FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length % sizeof(float) != 0) throw new ArgumentException($"{bytes.Length} bytes are no whole number of float32");
        return new ParameterVector(MemoryMarshal.Cast<byte, float>(bytes).ToArray());
    }
}
