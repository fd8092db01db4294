using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace CitySafeSense.Numerics;

/// <summary>The length of a vector, accumulated in double precision in 16 lanes: a clip bound must depend neither on rounding nor on the processor.</summary>
public static class EuclideanNorm
{
    public static double Of(ReadOnlySpan<float> x)
    {
        ref var p = ref MemoryMarshal.GetReference(x);
        var (a, b, c, d) = (Vector256<double>.Zero, Vector256<double>.Zero, Vector256<double>.Zero, Vector256<double>.Zero);
        nint i = 0;
        for (; i <= x.Length - 16; i += 16)
        {
            var (low, high) = (Vector256.LoadUnsafe(ref p, (nuint)i), Vector256.LoadUnsafe(ref p, (nuint)i + 8));
            var (x0, x1) = Vector256.Widen(low);
            var (x2, x3) = Vector256.Widen(high);
            (a, b, c, d) = (a + x0 * x0, b + x1 * x1, c + x2 * x2, d + x3 * x3);
        }
        var lanes = a + b + (c + d);
        var sum = lanes[0] + lanes[1] + (lanes[2] + lanes[3]); // not Vector256.Sum, whose order is the processor's
        for (; i < x.Length; i++) sum += (double)Unsafe.Add(ref p, i) * Unsafe.Add(ref p, i);
        return Math.Sqrt(sum);
    }
}
