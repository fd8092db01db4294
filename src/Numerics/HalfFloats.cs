using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace CitySafeSense.Numerics;

/// <summary>Floats in 16 bits (IEEE 754 binary16), times a power of two that all of them share.</summary>
public static class HalfFloats
{
    private const uint SmallestNormal = 0x38800000; // 2^-14 as a float's bits
    private const int LargestFinite = 0x7bff;

    /// <summary>The power of two that brings the largest of these into the upper end of what 16 bits hold.</summary>
    public static int ExponentFor(ReadOnlySpan<float> values)
    {
        var largest = 0f;
        foreach (var value in values) largest = Math.Max(largest, Math.Abs(value));
        return largest > 0 ? Math.Clamp(14 - Math.ILogB(largest), -15, 100) : 0;
    }

    /// <summary>halves = values * 2^exponent, up or down by chance and right on average; what is too large becomes the largest there is.</summary>
    public static void Round(ReadOnlySpan<float> values, int exponent, Rng rng, Span<ushort> halves)
    {
        var (scale, chance) = (MathF.ScaleB(1, exponent), 0UL);
        for (var i = 0; i < values.Length; i++)
        {
            chance = i % 4 == 0 ? rng.NextUInt64() : chance >> 16;
            var bits = BitConverter.SingleToUInt32Bits(values[i] * scale);
            var (size, sign) = (bits & 0x7fffffff, bits >> 16 & 0x8000);
            uint half;
            if (size >= SmallestNormal) half = ((size + ((uint)chance & 0x1fff)) >> 13) - (112 << 10);
            else
            {
                var steps = BitConverter.UInt32BitsToSingle(size) * (1 << 24);
                half = (uint)steps;
                if ((ushort)chance * (1f / 65536) < steps - half) half++;
            }
            halves[i] = (ushort)(sign | Math.Min(half, LargestFinite));
        }
    }

    /// <summary>sums = halves / 2^exponent + others.</summary>
    public static void Add(ReadOnlySpan<ushort> halves, int exponent, ReadOnlySpan<float> others, Span<float> sums)
    {
        if (halves.Length != others.Length || halves.Length != sums.Length) throw new ArgumentException($"{halves.Length} halves, {others.Length} others and {sums.Length} sums");
        // A half's bits, moved to where a float has them, are 2^-112 of its value; the factor is a power of two, so nothing rounds but the sum.
        var factor = MathF.ScaleB(1, 112 - exponent);
        ref var half = ref MemoryMarshal.GetReference(halves);
        ref var other = ref MemoryMarshal.GetReference(others);
        ref var sum = ref MemoryMarshal.GetReference(sums);
        nuint i = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            var (size, sign) = (Vector256.Create(0x7fffu), Vector256.Create(0x8000u));
            for (; (nint)i <= halves.Length - 8; i += 8)
            {
                var bits = Vector256.WidenLower(Vector128.LoadUnsafe(ref half, i).ToVector256Unsafe());
                var magnitude = ((bits & size) << 13).AsSingle() * factor;
                ((magnitude.AsUInt32() | (bits & sign) << 16).AsSingle() + Vector256.LoadUnsafe(ref other, i)).StoreUnsafe(ref sum, i);
            }
        }
        for (; (nint)i < halves.Length; i++)
        {
            uint bits = Unsafe.Add(ref half, i);
            var magnitude = BitConverter.UInt32BitsToSingle((bits & 0x7fff) << 13) * factor;
            Unsafe.Add(ref sum, i) = BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(magnitude) | (bits & 0x8000) << 16) + Unsafe.Add(ref other, i);
        }
    }
}
