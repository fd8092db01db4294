using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace CitySafeSense.Federation;

/// <summary>What a client keeps for itself: its weights after the last local step, and its blend. Bytes are version 1, little-endian.</summary>
public sealed record PersonalModel(float[] Weights, BlendMemory Blend)
{
    private const int Version = 1;
    private const int HeaderBytes = 21;

    /// <param name="owner">Makes the bytes, and so their hash, the owner's alone: two clients never share a stored model that one of them replaces.</param>
    public byte[] Encode(ulong owner)
    {
        var bytes = new byte[HeaderBytes + 4 * (Weights.Length + Blend.Coefficients.Length)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, Version);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), Weights.Length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), Blend.Coefficients.Length);
        bytes[12] = Blend.Converged ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(13), owner);
        MemoryMarshal.AsBytes(Weights.AsSpan()).CopyTo(bytes.AsSpan(HeaderBytes));
        MemoryMarshal.AsBytes(Blend.Coefficients.AsSpan()).CopyTo(bytes.AsSpan(HeaderBytes + 4 * Weights.Length));
        return bytes;
    }

    /// <exception cref="FormatException">The bytes are not a personal model of a known version.</exception>
    public static PersonalModel Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderBytes) throw new FormatException($"a personal model has at least {HeaderBytes} bytes, not {bytes.Length}");
        var version = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (version != Version) throw new FormatException($"personal model of version {version}; this build knows {Version}");
        var weights = BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]);
        var blend = BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]);
        if (weights < 0 || blend < 0 || HeaderBytes + 4L * weights + 4L * blend != bytes.Length)
            throw new FormatException($"a personal model of {weights} weights and {blend} coefficients does not have {bytes.Length} bytes");
        var values = MemoryMarshal.Cast<byte, float>(bytes[HeaderBytes..]).ToArray();
        return new(values[..weights], new(values[weights..], bytes[12] == 1));
    }
}
