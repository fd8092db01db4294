using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace CitySafeSense.Numerics;

/// <summary>a b + c, rounded once, on processors with a fused instruction and, with the same bits, on those without.</summary>
/// <remarks>
/// The product of two floats is exact in double precision. The sum is rounded to odd there (Boldo and Melquiond 2008, theorem 3),
/// so that rounding it again to a float is rounding it once. The C library's fmaf does the same with the rounding mode of the
/// processor, several times slower and one number at a time.
/// </remarks>
public static class FusedMultiplyAdd
{
    /// <summary>The 29 bits of a double that a float has not, and the pattern of them that is halfway between two floats.</summary>
    private const int BelowFloat = (1 << 29) - 1, HalfOfFloat = 1 << 28;

    private const double SmallestNormal = 1.1754943508222875e-38;

    /// <summary>Constant once compiled.</summary>
    public static bool IsFused
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Fma.IsSupported || AdvSimd.IsSupported;
    }

#pragma warning disable RS0030 // only where it is one instruction
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Of(float a, float b, float c) => IsFused ? MathF.FusedMultiplyAdd(a, b, c) : Emulated(a, b, c);
#pragma warning restore RS0030

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Of(Vector128<float> a, Vector128<float> b, Vector128<float> c) =>
        IsFused ? Vector128.FusedMultiplyAdd(a, b, c) : Emulated(a, b, c);

    public static float Emulated(float a, float b, float c)
    {
        double product = (double)a * b, addend = c, sum = product + addend;
        var bits = BitConverter.DoubleToInt64Bits(sum);
        if ((bits & BelowFloat) != HalfOfFloat && !(Math.Abs(sum) < SmallestNormal && sum != 0)) return (float)sum;
        var virtually = sum - product;
        var lost = product - (sum - virtually) + (addend - virtually);
        if (lost is > 0 or < 0 && (bits & 1) == 0) bits += double.IsNegative(lost) == double.IsNegative(sum) ? 1 : -1;
        return (float)BitConverter.Int64BitsToDouble(bits);
    }

    public static Vector128<float> Emulated(Vector128<float> a, Vector128<float> b, Vector128<float> c)
    {
        var (lowProduct, lowAddend) = (Vector128.WidenLower(a) * Vector128.WidenLower(b), Vector128.WidenLower(c));
        var (highProduct, highAddend) = (Vector128.WidenUpper(a) * Vector128.WidenUpper(b), Vector128.WidenUpper(c));
        var (low, high) = (lowProduct + lowAddend, highProduct + highAddend);
        if ((MayRoundTwice(low) | MayRoundTwice(high)) != Vector128<int>.Zero)
            (low, high) = (RoundedToOdd(low, lowProduct, lowAddend), RoundedToOdd(high, highProduct, highAddend));
        return Vector128.Narrow(low, high);
    }

    /// <summary>Where a sum in double precision may lie halfway between two floats, or becomes a subnormal one. Rounding any other sum twice is rounding it once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> MayRoundTwice(Vector128<double> sum)
    {
        // The bits below those of a float are in the lower half of a double; the upper half is never equal.
        var isHalf = Vector128.Equals(sum.AsInt32() & Vector128.Create(BelowFloat, 0, BelowFloat, 0), Vector128.Create(HalfOfFloat, 1, HalfOfFloat, 1));
        var isSmall = Vector128.LessThan(Vector128.Abs(sum), Vector128.Create(SmallestNormal)) & ~Vector128.Equals(sum, Vector128<double>.Zero);
        return isHalf | isSmall.AsInt32();
    }

    /// <summary>Where the sum is inexact and its last bit even: its neighbour on the side of what was lost, whose last bit is odd.</summary>
    private static Vector128<double> RoundedToOdd(Vector128<double> sum, Vector128<double> product, Vector128<double> addend)
    {
        var virtually = sum - product;
        var lost = product - (sum - virtually) + (addend - virtually);
        var bits = sum.AsInt64();
        var isInexact = (Vector128.GreaterThan(lost, Vector128<double>.Zero) | Vector128.LessThan(lost, Vector128<double>.Zero)).AsInt64();
        var isEven = (bits & Vector128<long>.One) - Vector128<long>.One;
        var isTowardsZero = (lost.AsInt64() ^ bits) >>> 63;
        var step = Vector128<long>.One - (isTowardsZero + isTowardsZero);
        return (bits + (step & isInexact & isEven)).AsDouble();
    }
}
