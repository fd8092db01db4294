using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using CitySafeSense.Numerics;

namespace CitySafeSense.Learning;

/// <summary>
/// The inner loop of <see cref="CausalConvolution"/>: rows of the target in fours, time in up to four vectors, so that a loaded
/// sample serves four filters and a loaded weight four vectors, and the sums never leave the registers.
/// </summary>
internal static class TiledCorrelation
{
    /// <summary>
    /// target[r, t] = initial[r] + sum over c, k of weight[r rowStep + c columnStep + k] source[c, t + (K-1-k) shift].
    /// Rows of the target come in fours.
    /// </summary>
    public static void Run(
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
