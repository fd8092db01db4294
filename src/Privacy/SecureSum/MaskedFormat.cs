using System.Buffers.Binary;
using System.Security.Cryptography;
using CitySafeSense.Numerics;

namespace CitySafeSense.Privacy;

/// <summary>
/// How numbers become integers that can be masked: fixed point, modulo 2^(8 bytes). The width is the smallest in which so many
/// participants with entries up to a bound cannot wrap.
/// </summary>
/// <param name="FractionBits">Bits below the point.</param>
/// <param name="Bytes">Of one entry, 2 to 8.</param>
public readonly record struct MaskedFormat(int FractionBits, int Bytes)
{
    /// <exception cref="ArgumentOutOfRangeException">No width of 64 bits is enough.</exception>
    public static MaskedFormat For(double entryMax, int participants, int fractionBits = 20)
    {
        var bits = fractionBits + Elementary.Log2(Math.Max(entryMax, 1)) + Elementary.Log2(participants) + 2; // sign, and rounding up
        return bits <= 64 ? new(fractionBits, Math.Max(2, (int)Math.Ceiling(bits / 8))) : throw new ArgumentOutOfRangeException(nameof(entryMax), entryMax, $"{participants} entries up to {entryMax} need {bits:F0} bits");
    }

    private ulong Mask => Bytes == 8 ? ulong.MaxValue : (1UL << (8 * Bytes)) - 1;

    public ulong[] Encode(ReadOnlySpan<float> values)
    {
        var entries = new ulong[values.Length];
        for (var i = 0; i < entries.Length; i++) entries[i] = (ulong)(long)Math.Round(Math.ScaleB(values[i], FractionBits)) & Mask;
        return entries;
    }

    /// <summary>A sum as signed numbers.</summary>
    public double[] Decode(ReadOnlySpan<ulong> entries)
    {
        var values = new double[entries.Length];
        var unused = 64 - 8 * Bytes;
        for (var i = 0; i < values.Length; i++) values[i] = Math.ScaleB((long)(entries[i] << unused) >> unused, -FractionBits);
        return values;
    }

    /// <summary>entries += sign * others, modulo.</summary>
    public void Add(Span<ulong> entries, ReadOnlySpan<ulong> others, int sign)
    {
        for (var i = 0; i < entries.Length; i++) entries[i] = (sign > 0 ? entries[i] + others[i] : entries[i] - others[i]) & Mask;
    }

    /// <summary>A stream of uniform entries from a seed: AES-256 in counter mode (NIST SP 800-38A, section 6.5) over zeros.</summary>
    internal ulong[] Expand(ReadOnlySpan<byte> seed, int length)
    {
        var blocks = new byte[(length * Bytes + 15) / 16 * 16];
        for (var b = 0; b < blocks.Length / 16; b++) BinaryPrimitives.WriteInt32BigEndian(blocks.AsSpan(16 * b + 12), b);
        using var aes = Aes.Create();
        aes.SetKey(seed);
        aes.EncryptEcb(blocks, blocks, PaddingMode.None);
        return Unpack(blocks, length);
    }

    public byte[] Pack(ReadOnlySpan<ulong> entries)
    {
        var bytes = new byte[entries.Length * Bytes];
        Span<byte> whole = stackalloc byte[8];
        for (var i = 0; i < entries.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(whole, entries[i]);
            whole[..Bytes].CopyTo(bytes.AsSpan(i * Bytes));
        }
        return bytes;
    }

    /// <exception cref="FormatException">The bytes are fewer than so many entries.</exception>
    public ulong[] Unpack(ReadOnlySpan<byte> bytes, int length)
    {
        if (bytes.Length < length * Bytes) throw new FormatException($"{length} entries of {Bytes} bytes are not in {bytes.Length}");
        var entries = new ulong[length];
        Span<byte> whole = stackalloc byte[8];
        for (var i = 0; i < length; i++)
        {
            whole.Clear();
            bytes.Slice(i * Bytes, Bytes).CopyTo(whole);
            entries[i] = BinaryPrimitives.ReadUInt64LittleEndian(whole);
        }
        return entries;
    }
}
