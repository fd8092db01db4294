using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using CitySafeSense.Numerics;

namespace CitySafeSense.Learning;

/// <summary>
/// Rows of samples with room for zeros on both sides, so that a dilated tap can look before the first sample, and its
/// gradient after the last, without a branch. Time is padded to whole vectors of 16.
/// </summary>
public sealed class PaddedRows(int rows, int samples, int padding)
{
    public int Rows { get; } = rows;
    public int Samples { get; } = samples;
    public int Vectors { get; } = (samples + VectorKernels.Lanes - 1) / VectorKernels.Lanes;

    /// <summary>Where sample 0 of row 0 lies; everything left of it is zero and stays so.</summary>
    public int Origin { get; } = Ceiling(padding);

    public int Stride { get; } = 2 * Ceiling(padding) + Ceiling(samples);
    public float[] Data { get; } = new float[rows * (2 * Ceiling(padding) + Ceiling(samples))];

    /// <summary>[samples] of one row.</summary>
    public Span<float> Row(int row) => Data.AsSpan(row * Stride + Origin, Samples);

    private static int Ceiling(int n) => (n + VectorKernels.Lanes - 1) / VectorKernels.Lanes * VectorKernels.Lanes;
}

/// <summary>
/// Causal dilated convolution over time: y[o, t] = bias[o] + sum over i, k of w[o, i, k] x[i, t - (K-1-k) dilation]; weights
/// are [outputs, inputs, K], the last tap is the present. Forward and the gradient of the input are one kernel, tiled over
/// four rows and up to four vectors of time; the gradient of the weights is tiled over four outputs and four taps.
/// </summary>
public static class CausalConvolution
{
    /// <summary>y [outputs, samples] from x [inputs, samples]. Samples behind the last of y are garbage; nothing causal reads them.</summary>
    public static void Forward(ReadOnlySpan<float> weight, ReadOnlySpan<float> bias, PaddedRows x, PaddedRows y, int kernel, int dilation) =>
        Correlate(weight, x.Rows * kernel, kernel, bias, x, y, kernel, -dilation);

    /// <summary>dx [inputs, samples] from dy [outputs, samples], which is zero behind its last sample; so is dx then.</summary>
    public static void InputGradient(ReadOnlySpan<float> weight, PaddedRows dy, PaddedRows dx, int kernel, int dilation) =>
        Correlate(weight, kernel, dx.Rows * kernel, default, dy, dx, kernel, dilation);

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

    /// <summary>
    /// target[r, t] = initial[r] + sum over c, k of weight[r rowStep + c columnStep + k] source[c, t + (K-1-k) shift].
    /// Rows of the target come in fours.
    /// </summary>
    private static void Correlate(
        ReadOnlySpan<float> weight, int rowStep, int columnStep, ReadOnlySpan<float> initial, PaddedRows source, PaddedRows target, int kernel, int shift)
    {
        ref var w = ref MemoryMarshal.GetReference(weight);
        ref var s = ref MemoryMarshal.GetArrayDataReference(source.Data);
        ref var d = ref MemoryMarshal.GetArrayDataReference(target.Data);
        for (var r = 0; r < target.Rows; r += 4)
        {
            var vector = 0;
            while (vector < target.Vectors)
            {
                var left = target.Vectors - vector;
                var to = (nuint)(r * target.Stride + target.Origin + vector * VectorKernels.Lanes);
                var from = source.Origin + vector * VectorKernels.Lanes;
                var tile = new Tile(ref w, (nuint)(r * rowStep), (nuint)rowStep, (nuint)columnStep, ref s, from, source.Rows, source.Stride, kernel, shift);
                var (b0, b1, b2, b3) = initial.IsEmpty ? (0, 0, 0, 0) : (initial[r], initial[r + 1], initial[r + 2], initial[r + 3]);
                if (left >= 4)
                {
                    FourVectors(tile, b0, b1, b2, b3, ref d, to, (nuint)target.Stride);
                    vector += 4;
                }
                else if (left == 3)
                {
                    ThreeVectors(tile, b0, b1, b2, b3, ref d, to, (nuint)target.Stride);
                    vector += 3;
                }
                else
                {
                    OneVector(tile, b0, b1, b2, b3, ref d, to, (nuint)target.Stride);
                    vector += 1;
                }
            }
        }
    }

    private readonly ref struct Tile(
        ref float weight, nuint weightAt, nuint rowStep, nuint columnStep, ref float source, int sourceAt, int columns, int sourceStride, int kernel, int shift)
    {
        public readonly ref float Weight = ref weight;
        public readonly nuint WeightAt = weightAt;
        public readonly nuint RowStep = rowStep;
        public readonly nuint ColumnStep = columnStep;
        public readonly ref float Source = ref source;
        public readonly int SourceAt = sourceAt;
        public readonly int Columns = columns;
        public readonly int SourceStride = sourceStride;
        public readonly int Kernel = kernel;
        public readonly int Shift = shift;
    }

    private static void FourVectors(in Tile tile, float b0, float b1, float b2, float b3, ref float target, nuint to, nuint targetStride)
    {
        ref var w = ref tile.Weight;
        ref var s = ref tile.Source;
        var step = tile.RowStep;
        Vector512<float> a00 = Vector512.Create(b0), a01 = a00, a02 = a00, a03 = a00, a10 = Vector512.Create(b1), a11 = a10, a12 = a10, a13 = a10,
            a20 = Vector512.Create(b2), a21 = a20, a22 = a20, a23 = a20, a30 = Vector512.Create(b3), a31 = a30, a32 = a30, a33 = a30;
        for (var c = 0; c < tile.Columns; c++)
        {
            for (var k = 0; k < tile.Kernel; k++)
            {
                var at = (nuint)(tile.SourceAt + c * tile.SourceStride + (tile.Kernel - 1 - k) * tile.Shift);
                var v0 = Vector512.LoadUnsafe(ref s, at);
                var v1 = Vector512.LoadUnsafe(ref s, at + 16);
                var v2 = Vector512.LoadUnsafe(ref s, at + 32);
                var v3 = Vector512.LoadUnsafe(ref s, at + 48);
                var wat = tile.WeightAt + (nuint)c * tile.ColumnStep + (nuint)k;
                var f = Vector512.Create(Unsafe.Add(ref w, wat));
                a00 = Vector512.FusedMultiplyAdd(f, v0, a00);
                a01 = Vector512.FusedMultiplyAdd(f, v1, a01);
                a02 = Vector512.FusedMultiplyAdd(f, v2, a02);
                a03 = Vector512.FusedMultiplyAdd(f, v3, a03);
                f = Vector512.Create(Unsafe.Add(ref w, wat + step));
                a10 = Vector512.FusedMultiplyAdd(f, v0, a10);
                a11 = Vector512.FusedMultiplyAdd(f, v1, a11);
                a12 = Vector512.FusedMultiplyAdd(f, v2, a12);
                a13 = Vector512.FusedMultiplyAdd(f, v3, a13);
                f = Vector512.Create(Unsafe.Add(ref w, wat + 2 * step));
                a20 = Vector512.FusedMultiplyAdd(f, v0, a20);
                a21 = Vector512.FusedMultiplyAdd(f, v1, a21);
                a22 = Vector512.FusedMultiplyAdd(f, v2, a22);
                a23 = Vector512.FusedMultiplyAdd(f, v3, a23);
                f = Vector512.Create(Unsafe.Add(ref w, wat + 3 * step));
                a30 = Vector512.FusedMultiplyAdd(f, v0, a30);
                a31 = Vector512.FusedMultiplyAdd(f, v1, a31);
                a32 = Vector512.FusedMultiplyAdd(f, v2, a32);
                a33 = Vector512.FusedMultiplyAdd(f, v3, a33);
            }
        }
        a00.StoreUnsafe(ref target, to);
        a01.StoreUnsafe(ref target, to + 16);
        a02.StoreUnsafe(ref target, to + 32);
        a03.StoreUnsafe(ref target, to + 48);
        to += targetStride;
        a10.StoreUnsafe(ref target, to);
        a11.StoreUnsafe(ref target, to + 16);
        a12.StoreUnsafe(ref target, to + 32);
        a13.StoreUnsafe(ref target, to + 48);
        to += targetStride;
        a20.StoreUnsafe(ref target, to);
        a21.StoreUnsafe(ref target, to + 16);
        a22.StoreUnsafe(ref target, to + 32);
        a23.StoreUnsafe(ref target, to + 48);
        to += targetStride;
        a30.StoreUnsafe(ref target, to);
        a31.StoreUnsafe(ref target, to + 16);
        a32.StoreUnsafe(ref target, to + 32);
        a33.StoreUnsafe(ref target, to + 48);
    }

    private static void ThreeVectors(in Tile tile, float b0, float b1, float b2, float b3, ref float target, nuint to, nuint targetStride)
    {
        ref var w = ref tile.Weight;
        ref var s = ref tile.Source;
        var step = tile.RowStep;
        Vector512<float> a00 = Vector512.Create(b0), a01 = a00, a02 = a00, a10 = Vector512.Create(b1), a11 = a10, a12 = a10,
            a20 = Vector512.Create(b2), a21 = a20, a22 = a20, a30 = Vector512.Create(b3), a31 = a30, a32 = a30;
        for (var c = 0; c < tile.Columns; c++)
        {
            for (var k = 0; k < tile.Kernel; k++)
            {
                var at = (nuint)(tile.SourceAt + c * tile.SourceStride + (tile.Kernel - 1 - k) * tile.Shift);
                var v0 = Vector512.LoadUnsafe(ref s, at);
                var v1 = Vector512.LoadUnsafe(ref s, at + 16);
                var v2 = Vector512.LoadUnsafe(ref s, at + 32);
                var wat = tile.WeightAt + (nuint)c * tile.ColumnStep + (nuint)k;
                var f = Vector512.Create(Unsafe.Add(ref w, wat));
                a00 = Vector512.FusedMultiplyAdd(f, v0, a00);
                a01 = Vector512.FusedMultiplyAdd(f, v1, a01);
                a02 = Vector512.FusedMultiplyAdd(f, v2, a02);
                f = Vector512.Create(Unsafe.Add(ref w, wat + step));
                a10 = Vector512.FusedMultiplyAdd(f, v0, a10);
                a11 = Vector512.FusedMultiplyAdd(f, v1, a11);
                a12 = Vector512.FusedMultiplyAdd(f, v2, a12);
                f = Vector512.Create(Unsafe.Add(ref w, wat + 2 * step));
                a20 = Vector512.FusedMultiplyAdd(f, v0, a20);
                a21 = Vector512.FusedMultiplyAdd(f, v1, a21);
                a22 = Vector512.FusedMultiplyAdd(f, v2, a22);
                f = Vector512.Create(Unsafe.Add(ref w, wat + 3 * step));
                a30 = Vector512.FusedMultiplyAdd(f, v0, a30);
                a31 = Vector512.FusedMultiplyAdd(f, v1, a31);
                a32 = Vector512.FusedMultiplyAdd(f, v2, a32);
            }
        }
        a00.StoreUnsafe(ref target, to);
        a01.StoreUnsafe(ref target, to + 16);
        a02.StoreUnsafe(ref target, to + 32);
        to += targetStride;
        a10.StoreUnsafe(ref target, to);
        a11.StoreUnsafe(ref target, to + 16);
        a12.StoreUnsafe(ref target, to + 32);
        to += targetStride;
        a20.StoreUnsafe(ref target, to);
        a21.StoreUnsafe(ref target, to + 16);
        a22.StoreUnsafe(ref target, to + 32);
        to += targetStride;
        a30.StoreUnsafe(ref target, to);
        a31.StoreUnsafe(ref target, to + 16);
        a32.StoreUnsafe(ref target, to + 32);
    }

    private static void OneVector(in Tile tile, float b0, float b1, float b2, float b3, ref float target, nuint to, nuint targetStride)
    {
        ref var w = ref tile.Weight;
        var step = tile.RowStep;
        Vector512<float> a0 = Vector512.Create(b0), a1 = Vector512.Create(b1), a2 = Vector512.Create(b2), a3 = Vector512.Create(b3);
        for (var c = 0; c < tile.Columns; c++)
        {
            for (var k = 0; k < tile.Kernel; k++)
            {
                var v = Vector512.LoadUnsafe(ref tile.Source, (nuint)(tile.SourceAt + c * tile.SourceStride + (tile.Kernel - 1 - k) * tile.Shift));
                var wat = tile.WeightAt + (nuint)c * tile.ColumnStep + (nuint)k;
                a0 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w, wat)), v, a0);
                a1 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w, wat + step)), v, a1);
                a2 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w, wat + 2 * step)), v, a2);
                a3 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w, wat + 3 * step)), v, a3);
            }
        }
        a0.StoreUnsafe(ref target, to);
        a1.StoreUnsafe(ref target, to + targetStride);
        a2.StoreUnsafe(ref target, to + 2 * targetStride);
        a3.StoreUnsafe(ref target, to + 3 * targetStride);
    }
}
