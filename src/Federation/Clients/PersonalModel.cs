using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace CitySafeSense.Federation;

/// <summary>
/// What a client keeps for itself: its weights after the last local step (empty where the strategy needs none), its blend, its
/// control variate, and what the codec of its last update left out. Bytes are version 2, little-endian.
/// </summary>
public sealed record PersonalModel(float[] Weights, BlendMemory Blend, float[] Control, float[] Residual)
{
    private const int Version = 2;
    private const int HeaderBytes = 29, FirstHeaderBytes = 21;

    public PersonalModel(float[] weights, BlendMemory blend)
        : this(weights, blend, [], [])
    {
    }

    public static PersonalModel Empty { get; } = new([], BlendMemory.None);

    public bool IsEmpty => Weights.Length + Blend.Coefficients.Length + Control.Length + Residual.Length == 0;

    /// <param name="owner">Makes the bytes, and so their hash, the owner's alone: two clients never share a stored model that one of them replaces.</param>
    public byte[] Encode(ulong owner)
    {
        float[][] parts = [Weights, Blend.Coefficients, Control, Residual];
        var bytes = new byte[HeaderBytes + 4 * parts.Sum(p => p.Length)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, Version);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), Weights.Length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), Blend.Coefficients.Length);
        bytes[12] = Blend.Converged ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(13), owner);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(21), Control.Length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(25), Residual.Length);
        var at = HeaderBytes;
        foreach (var part in parts)
        {
            MemoryMarshal.AsBytes(part.AsSpan()).CopyTo(bytes.AsSpan(at));
            at += 4 * part.Length;
        }
        return bytes;
    }

    /// <summary>Version 1 had weights and blend only.</summary>
    /// <exception cref="FormatException">The bytes are not a personal model of a known version.</exception>
    public static PersonalModel Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < FirstHeaderBytes) throw new FormatException($"a personal model has at least {FirstHeaderBytes} bytes, not {bytes.Length}");
        var version = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (version is not (1 or Version)) throw new FormatException($"personal model of version {version}; this build knows 1 and {Version}");
        var header = version == 1 ? FirstHeaderBytes : HeaderBytes;
        if (bytes.Length < header) throw new FormatException($"a personal model has at least {header} bytes, not {bytes.Length}");
        Span<int> lengths = [BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]), BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]), 0, 0];
        for (var i = 2; version > 1 && i < 4; i++) lengths[i] = BinaryPrimitives.ReadInt32LittleEndian(bytes[(21 + 4 * (i - 2))..]);
        var total = 0L;
        foreach (var length in lengths) total += length < 0 ? long.MaxValue / 8 : length;
        if (header + 4 * total != bytes.Length) throw new FormatException($"a personal model of {string.Join(", ", lengths.ToArray())} values does not have {bytes.Length} bytes");
        var values = MemoryMarshal.Cast<byte, float>(bytes[header..]).ToArray();
        var parts = new float[4][];
        for (var (i, at) = (0, 0); i < 4; at += lengths[i++]) parts[i] = values[at..(at + lengths[i])];
        return new(parts[0], new(parts[1], bytes[12] == 1), parts[2], parts[3]);
    }
}
