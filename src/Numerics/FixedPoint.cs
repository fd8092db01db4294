using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CitySafeSense.Numerics;

/// <summary>Numbers as integers: multiples of 2^-24, so that sums of them do not round.</summary>
public static class FixedPoint
{
    public const int FractionBits = 24;

    /// <summary>1.5 * 2^28: what is added to it is rounded to multiples of 2^-24, and they stand in its low bits as an integer.</summary>
    private const double Magic = 1.5 * (1 << 28);

    /// <summary>sums += weight * values, each product rounded to the nearest multiple of 2^-24, halves to even.</summary>
    /// <param name="values">At most 2^10 in size.</param>
    /// <param name="weight">1 to 2^16: the product is exact in double precision, and below 2^27.</param>
    public static void AddWeighted(ReadOnlySpan<float> values, int weight, Span<long> sums)
    {
        Require(values, sums);
        ref var sum = ref MemoryMarshal.GetReference(sums);
        var stream = new Weighted(values, weight);
        nuint i = 0;
        if (Vector512.IsHardwareAccelerated)
            for (; (nint)i <= sums.Length - 8; i += 8) (Vector512.LoadUnsafe(ref sum, i) + stream.At512(i)).StoreUnsafe(ref sum, i);
        else
            for (; (nint)i <= sums.Length - 4; i += 4) (Vector256.LoadUnsafe(ref sum, i) + stream.At256(i)).StoreUnsafe(ref sum, i);
        for (; (nint)i < sums.Length; i++) Unsafe.Add(ref sum, i) += stream.At(i);
    }

    /// <summary>The same of four at once: the sums pass through the processor once instead of four times.</summary>
    public static void AddWeighted(ReadOnlySpan<float> a, int weightA, ReadOnlySpan<float> b, int weightB, ReadOnlySpan<float> c, int weightC, ReadOnlySpan<float> d, int weightD, Span<long> sums)
    {
        Require(a, sums);
        Require(b, sums);
        Require(c, sums);
        Require(d, sums);
        ref var sum = ref MemoryMarshal.GetReference(sums);
        Weighted first = new(a, weightA), second = new(b, weightB), third = new(c, weightC), fourth = new(d, weightD);
        nuint i = 0;
        if (Vector512.IsHardwareAccelerated)
            for (; (nint)i <= sums.Length - 8; i += 8)
            {
                first.Fetch(i);
                second.Fetch(i);
                third.Fetch(i);
                fourth.Fetch(i);
                (Vector512.LoadUnsafe(ref sum, i) + (first.At512(i) + second.At512(i)) + (third.At512(i) + fourth.At512(i))).StoreUnsafe(ref sum, i);
            }
        else
            for (; (nint)i <= sums.Length - 4; i += 4)
                (Vector256.LoadUnsafe(ref sum, i) + (first.At256(i) + second.At256(i)) + (third.At256(i) + fourth.At256(i))).StoreUnsafe(ref sum, i);
        for (; (nint)i < sums.Length; i++) Unsafe.Add(ref sum, i) += first.At(i) + second.At(i) + third.At(i) + fourth.At(i);
    }

    private static void Require(ReadOnlySpan<float> values, Span<long> sums)
    {
        if (values.Length != sums.Length) throw new ArgumentException($"{values.Length} values do not fit {sums.Length} sums");
    }

    /// <summary>Values and their weight, as integers wherever they are asked for.</summary>
    private readonly ref struct Weighted(ReadOnlySpan<float> values, int weight)
    {
        private readonly ref float first = ref MemoryMarshal.GetReference(values);
        private readonly double factor = weight;

        /// <summary>Floats.</summary>
        private const int Ahead = 512;

        /// <summary>
        /// Asks for what will be needed soon: four streams are more than the processor foresees by itself. A hint only: it reads
        /// nothing, so it may point beyond the end, or to where the values were before they were moved.
        /// </summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public unsafe void Fetch(nuint i)
        {
            if (Sse.IsSupported) Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.Add(ref first, i + Ahead)));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector512<long> At512(nuint i)
        {
            var magic = Vector512.Create(Magic);
            return Vector512.FusedMultiplyAdd(Vector512.WidenLower(Vector256.LoadUnsafe(ref first, i).ToVector512Unsafe()), Vector512.Create(factor), magic).AsInt64() - magic.AsInt64();
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector256<long> At256(nuint i)
        {
            var magic = Vector256.Create(Magic);
            return (Vector256.WidenLower(Vector128.LoadUnsafe(ref first, i).ToVector256Unsafe()) * Vector256.Create(factor) + magic).AsInt64() - magic.AsInt64(); // the product is exact
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public long At(nuint i) => (long)Math.Round(Unsafe.Add(ref first, i) * factor * (1 << FractionBits));
    }
}
