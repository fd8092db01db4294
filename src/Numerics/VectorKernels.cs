using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace CitySafeSense.Numerics;

/// <summary>
/// Sums and products over spans of floats. A reduction always has 16 logical lanes and one fixed tree, so
/// the bits do not depend on how wide the machine's registers are.
/// </summary>
public static class VectorKernels
{
    public const int Lanes = 16;

    /// <summary>sum x[i] * y[i].</summary>
    public static float Dot(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        RequireSameLength(x.Length, y.Length);
        ref var px = ref MemoryMarshal.GetReference(x);
        ref var py = ref MemoryMarshal.GetReference(y);
        var sum = Vector512<float>.Zero;
        var i = 0;
        for (; i <= x.Length - Lanes; i += Lanes)
            sum = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref px, (nuint)i), Vector512.LoadUnsafe(ref py, (nuint)i), sum);
        var total = SumLanes(sum);
        for (; i < x.Length; i++) total = MathF.FusedMultiplyAdd(x[i], y[i], total);
        return total;
    }

    /// <summary>y[i] += a * x[i].</summary>
    public static void AddScaled(float a, ReadOnlySpan<float> x, Span<float> y)
    {
        RequireSameLength(x.Length, y.Length);
        ref var px = ref MemoryMarshal.GetReference(x);
        ref var py = ref MemoryMarshal.GetReference(y);
        var factor = Vector512.Create(a);
        var i = 0;
        for (; i <= x.Length - Lanes; i += Lanes)
            Vector512.FusedMultiplyAdd(factor, Vector512.LoadUnsafe(ref px, (nuint)i), Vector512.LoadUnsafe(ref py, (nuint)i))
                .StoreUnsafe(ref py, (nuint)i);
        for (; i < x.Length; i++) y[i] = MathF.FusedMultiplyAdd(a, x[i], y[i]);
    }

    /// <summary>x[i] *= a.</summary>
    public static void Scale(float a, Span<float> x)
    {
        for (var i = 0; i < x.Length; i++) x[i] *= a;
    }

    /// <summary>The Euclidean norm, accumulated in double precision: a clip bound must not depend on rounding.</summary>
    public static double Norm(ReadOnlySpan<float> x)
    {
        var sum = 0.0;
        foreach (var value in x) sum += (double)value * value;
        return Math.Sqrt(sum);
    }

    /// <summary>The sum of 16 lanes as a fixed binary tree: halves are added until one number is left.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float SumLanes(Vector512<float> lanes)
    {
        var eight = lanes.GetLower() + lanes.GetUpper();
        var four = eight.GetLower() + eight.GetUpper();
        var two = four + Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1));
        return two.GetElement(0) + two.GetElement(1);
    }

    private static void RequireSameLength(int x, int y)
    {
        if (x != y) throw new ArgumentException($"two vectors of one length are needed, not {x} and {y}");
    }
}
