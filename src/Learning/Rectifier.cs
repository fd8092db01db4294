using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using CitySafeSense.Numerics;

namespace CitySafeSense.Learning;

/// <summary>max(0, x), forward beside backward. Lengths are whole vectors of 16, as <see cref="PaddedRows"/> makes them; zero stays zero, so padding does too.</summary>
public static class Rectifier
{
    /// <summary>x = max(0, x).</summary>
    public static void Forward(Span<float> x)
    {
        ref var p = ref MemoryMarshal.GetReference(x);
        for (nuint i = 0; i < (nuint)x.Length; i += VectorKernels.Lanes)
            Vector512.Max(Vector512.LoadUnsafe(ref p, i), Vector512<float>.Zero).StoreUnsafe(ref p, i);
    }

    /// <summary>x = max(0, x + other).</summary>
    public static void ForwardSum(Span<float> x, ReadOnlySpan<float> other)
    {
        ref var p = ref MemoryMarshal.GetReference(x);
        ref var q = ref MemoryMarshal.GetReference(other);
        for (nuint i = 0; i < (nuint)x.Length; i += VectorKernels.Lanes)
            Vector512.Max(Vector512.LoadUnsafe(ref p, i) + Vector512.LoadUnsafe(ref q, i), Vector512<float>.Zero).StoreUnsafe(ref p, i);
    }

    /// <summary>dy = dy where y > 0, else 0; y is what the forward pass made.</summary>
    public static void Backward(ReadOnlySpan<float> y, Span<float> dy)
    {
        ref var p = ref MemoryMarshal.GetReference(y);
        ref var q = ref MemoryMarshal.GetReference(dy);
        for (nuint i = 0; i < (nuint)dy.Length; i += VectorKernels.Lanes)
        {
            var passes = Vector512.GreaterThan(Vector512.LoadUnsafe(ref p, i), Vector512<float>.Zero);
            (Vector512.LoadUnsafe(ref q, i) & passes).StoreUnsafe(ref q, i);
        }
    }
}
