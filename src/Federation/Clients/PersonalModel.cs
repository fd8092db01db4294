using System.Buffers.Binary;
using System.Runtime.InteropServices;
using CitySafeSense.Numerics;

namespace CitySafeSense.Federation;

/// <summary>
/// What a client keeps for itself: its weights after the last local step (none where the strategy needs none), its blend, its
/// control variate, and what the codec of its last update left out. Bytes are version 3, little-endian; weights are stored as
/// what they differ by from a version that is stored once for all.
/// </summary>
public sealed record PersonalModel(WeightDelta Weights, BlendMemory Blend, float[] Control, float[] Residual)
{
    private const int Version = 3;
    private const int HeaderBytes = 65, NameAt = 33, NameBytes = 32;

    public static PersonalModel Empty { get; } = new(WeightDelta.None, BlendMemory.None, [], []);

    public bool IsEmpty => Weights.Length + Blend.Coefficients.Length + Control.Length + Residual.Length == 0;

    public int EncodedBytes => HeaderBytes + 4 * (Blend.Coefficients.Length + Control.Length + Residual.Length) + 2 * Weights.Length;

    /// <param name="owner">Makes the bytes, and so their hash, the owner's alone: two clients never share a stored model that one of them replaces.</param>
    public byte[] Encode(ulong owner)
    {
        float[][] parts = [Blend.Coefficients, Control, Residual];
        var bytes = new byte[EncodedBytes];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, Version);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), Weights.Length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), Blend.Coefficients.Length);
        bytes[12] = Blend.Converged ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(13), owner);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(21), Control.Length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(25), Residual.Length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(29), Weights.Exponent);
        Convert.FromHexString(Weights.BasisName).CopyTo(bytes.AsSpan(NameAt, NameBytes));
        var at = HeaderBytes;
        foreach (var part in parts)
        {
            MemoryMarshal.AsBytes(part.AsSpan()).CopyTo(bytes.AsSpan(at));
            at += 4 * part.Length;
        }
        MemoryMarshal.AsBytes(Weights.Halves).CopyTo(bytes.AsSpan(at));
        return bytes;
    }

    /// <summary>The hash of the version that stored weights differ from; null where they stand for themselves, as in versions 1 and 2, or there are none.</summary>
    /// <exception cref="FormatException">The bytes are not a personal model of a known version.</exception>
    public static string? BasisOf(ReadOnlySpan<byte> bytes) =>
        VersionOf(bytes) < 3 || BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]) == 0 ? null : Convert.ToHexStringLower(bytes.Slice(NameAt, NameBytes));

    /// <summary>Version 1 had weights and blend only, version 2 whole weights.</summary>
    /// <param name="basisName">What <see cref="BasisOf"/> says; for older versions any that is stored.</param>
    /// <param name="basis">Its weights.</param>
    /// <exception cref="FormatException">The bytes are not a personal model of a known version, or do not differ from this basis.</exception>
    public static PersonalModel Decode(ReadOnlySpan<byte> bytes, string basisName, ReadOnlyMemory<float> basis)
    {
        var version = VersionOf(bytes);
        if (version < 3) return DecodeWhole(bytes, version, basisName, basis);
        Span<int> lengths = [Length(bytes, 8), Length(bytes, 21), Length(bytes, 25)];
        var weights = Length(bytes, 4);
        var floats = 0L;
        foreach (var length in lengths) floats += length;
        if (HeaderBytes + 4 * floats + 2L * weights != bytes.Length) throw new FormatException($"a personal model of {weights} weights and {string.Join(", ", lengths.ToArray())} values does not have {bytes.Length} bytes");
        var exponent = BinaryPrimitives.ReadInt32LittleEndian(bytes[29..]);
        if (exponent is < -15 or > 100) throw new FormatException($"weights times 2^{exponent} are none of a personal model");
        var parts = Parts(MemoryMarshal.Cast<byte, float>(bytes[HeaderBytes..^(2 * weights)]), lengths);
        var halves = MemoryMarshal.Cast<byte, ushort>(bytes[^(2 * weights)..]).ToArray();
        return new(weights == 0 ? WeightDelta.None : new WeightDelta(basisName, basis, exponent, halves), new(parts[0], bytes[12] == 1), parts[1], parts[2]);
    }

    private static PersonalModel DecodeWhole(ReadOnlySpan<byte> bytes, int version, string basisName, ReadOnlyMemory<float> basis)
    {
        var header = version == 1 ? 21 : 29;
        Span<int> lengths = [Length(bytes, 4), Length(bytes, 8), version == 1 ? 0 : Length(bytes, 21), version == 1 ? 0 : Length(bytes, 25)];
        var total = 0L;
        foreach (var length in lengths) total += length;
        if (header + 4 * total != bytes.Length) throw new FormatException($"a personal model of {string.Join(", ", lengths.ToArray())} values does not have {bytes.Length} bytes");
        var parts = Parts(MemoryMarshal.Cast<byte, float>(bytes[header..]), lengths);
        if (parts[0].Length > 0 && parts[0].Length != basis.Length) throw new FormatException($"{parts[0].Length} weights do not differ from {basis.Length}");
        var rng = new Rng(BinaryPrimitives.ReadUInt64LittleEndian(bytes[13..]));
        return new(parts[0].Length == 0 ? WeightDelta.None : WeightDelta.Of(parts[0], basisName, basis, rng), new(parts[1], bytes[12] == 1), parts[2], parts[3]);
    }

    private static int VersionOf(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 4) throw new FormatException($"{bytes.Length} bytes are no personal model");
        var version = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (version is < 1 or > Version) throw new FormatException($"personal model of version {version}; this build knows 1 to {Version}");
        var header = version switch { 1 => 21, 2 => 29, _ => HeaderBytes };
        return bytes.Length >= header ? version : throw new FormatException($"a personal model of version {version} has at least {header} bytes, not {bytes.Length}");
    }

    private static int Length(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadInt32LittleEndian(bytes[at..]) is >= 0 and var length ? length
        : throw new FormatException($"a personal model with a part of {BinaryPrimitives.ReadInt32LittleEndian(bytes[at..])} values");

    private static float[][] Parts(ReadOnlySpan<float> values, ReadOnlySpan<int> lengths)
    {
        var parts = new float[lengths.Length][];
        for (var (i, at) = (0, 0); i < parts.Length; at += lengths[i++]) parts[i] = values.Slice(at, lengths[i]).ToArray();
        return parts;
    }
}
