using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using CitySafeSense.Numerics;

namespace CitySafeSense.Learning;

/// <summary>
/// Causal dilated convolution over time: y[o, t] = bias[o] + sum over i, k of w[o, i, k] x[i, t - (K-1-k) dilation]; weights
/// are [outputs, inputs, K], the last tap is the present. Forward and the gradient of the input are one kernel, tiled over
/// four rows and up to four vectors of time; the gradient of the weights is tiled over four outputs and four taps.
/// </summary>
public static class CausalConvolution
{
    /// <summary>y [outputs, samples] from x [inputs, samples]. Samples behind the last of y are garbage; nothing causal reads them.</summary>
    public static void Forward(ReadOnlySpan<float> weight, ReadOnlySpan<float> bias, PaddedRows x, PaddedRows y, int kernel, int dilation) =>
        TiledCorrelation.Run(weight, x.Rows * kernel, kernel, bias, x, y, kernel, -dilation);

    /// <summary>dx [inputs, samples] from dy [outputs, samples], which is zero behind its last sample; so is dx then.</summary>
    public static void InputGradient(ReadOnlySpan<float> weight, PaddedRows dy, PaddedRows dx, int kernel, int dilation) =>
        TiledCorrelation.Run(weight, kernel, dx.Rows * kernel, default, dy, dx, kernel, dilation);

    /// <summary>dw [outputs, inputs, K] and db [outputs] += from x and dy.</summary>
    public static void WeightGradient(PaddedRows x, PaddedRows dy, Span<float> dw, Span<float> db, int kernel, int dilation)
    {
        var columns = x.Rows * kernel;
        ref var px = ref MemoryMarshal.GetArrayDataReference(x.Data);
        ref var py = ref MemoryMarshal.GetArrayDataReference(dy.Data);
        for (var o = 0; o < dy.Rows; o += 4)
        {
            var y0 = (nuint)(o * dy.Stride + dy.Origin);
            var stride = (nuint)dy.Stride;
            var column = 0;
            for (; column <= columns - 4; column += 4)
            {
                nuint x0 = Tap(column), x1 = Tap(column + 1), x2 = Tap(column + 2), x3 = Tap(column + 3);
                Vector512<float> a00 = default, a01 = default, a02 = default, a03 = default, a10 = default, a11 = default, a12 = default, a13 = default,
                    a20 = default, a21 = default, a22 = default, a23 = default, a30 = default, a31 = default, a32 = default, a33 = default;
                for (nuint t = 0; t < (nuint)(x.Vectors * VectorKernels.Lanes); t += VectorKernels.Lanes)
                {
                    var v0 = Vector512.LoadUnsafe(ref px, x0 + t);
                    var v1 = Vector512.LoadUnsafe(ref px, x1 + t);
                    var v2 = Vector512.LoadUnsafe(ref px, x2 + t);
                    var v3 = Vector512.LoadUnsafe(ref px, x3 + t);
                    var d = Vector512.LoadUnsafe(ref py, y0 + t);
                    a00 = Vector512.FusedMultiplyAdd(d, v0, a00);
                    a01 = Vector512.FusedMultiplyAdd(d, v1, a01);
                    a02 = Vector512.FusedMultiplyAdd(d, v2, a02);
                    a03 = Vector512.FusedMultiplyAdd(d, v3, a03);
                    d = Vector512.LoadUnsafe(ref py, y0 + stride + t);
                    a10 = Vector512.FusedMultiplyAdd(d, v0, a10);
                    a11 = Vector512.FusedMultiplyAdd(d, v1, a11);
                    a12 = Vector512.FusedMultiplyAdd(d, v2, a12);
                    a13 = Vector512.FusedMultiplyAdd(d, v3, a13);
                    d = Vector512.LoadUnsafe(ref py, y0 + 2 * stride + t);
                    a20 = Vector512.FusedMultiplyAdd(d, v0, a20);
                    a21 = Vector512.FusedMultiplyAdd(d, v1, a21);
                    a22 = Vector512.FusedMultiplyAdd(d, v2, a22);
                    a23 = Vector512.FusedMultiplyAdd(d, v3, a23);
                    d = Vector512.LoadUnsafe(ref py, y0 + 3 * stride + t);
                    a30 = Vector512.FusedMultiplyAdd(d, v0, a30);
                    a31 = Vector512.FusedMultiplyAdd(d, v1, a31);
                    a32 = Vector512.FusedMultiplyAdd(d, v2, a32);
                    a33 = Vector512.FusedMultiplyAdd(d, v3, a33);
                }
                Accumulate(dw, o * columns + column, a00, a01, a02, a03);
                Accumulate(dw, (o + 1) * columns + column, a10, a11, a12, a13);
                Accumulate(dw, (o + 2) * columns + column, a20, a21, a22, a23);
                Accumulate(dw, (o + 3) * columns + column, a30, a31, a32, a33);
            }
            for (; column < columns; column++)
            {
                var x0 = Tap(column);
                for (var r = 0; r < 4; r++)
                {
                    var sum = Vector512<float>.Zero;
                    for (nuint t = 0; t < (nuint)(x.Vectors * VectorKernels.Lanes); t += VectorKernels.Lanes)
                        sum = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref py, y0 + (nuint)r * stride + t), Vector512.LoadUnsafe(ref px, x0 + t), sum);
                    dw[(o + r) * columns + column] += VectorKernels.SumLanes(sum);
                }
            }
            for (var r = 0; r < 4; r++)
            {
                var sum = Vector512<float>.Zero;
                for (nuint t = 0; t < (nuint)(x.Vectors * VectorKernels.Lanes); t += VectorKernels.Lanes)
                    sum += Vector512.LoadUnsafe(ref py, y0 + (nuint)r * stride + t);
                db[o + r] += VectorKernels.SumLanes(sum);
            }
        }

        nuint Tap(int column)
        {
            var (input, k) = Math.DivRem(column, kernel);
            return (nuint)(input * x.Stride + x.Origin - (kernel - 1 - k) * dilation);
        }
    }

    private static void Accumulate(Span<float> dw, int at, Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d)
    {
        dw[at] += VectorKernels.SumLanes(a);
        dw[at + 1] += VectorKernels.SumLanes(b);
        dw[at + 2] += VectorKernels.SumLanes(c);
        dw[at + 3] += VectorKernels.SumLanes(d);
    }
}
