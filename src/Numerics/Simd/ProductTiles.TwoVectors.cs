using System.Runtime.CompilerServices;

namespace CitySafeSense.Numerics;

/// <summary>Tiles two vectors wide.</summary>
internal static partial class ProductTiles<TVector, TOperations>
{
    /// <summary>Sixteen accumulators, ten loads for sixteen multiplications.</summary>
    private static void EightByTwo(in Product p, nint row, nint column)
    {
        nint step = p.LeftRow, lanes = TOperations.Lanes;
        ref var start = ref Unsafe.Add(ref p.Start, row * p.StartRow + column);
        var a00 = TOperations.Load(ref start);
        var a01 = TOperations.Load(ref Unsafe.Add(ref start, lanes));
        start = ref Unsafe.Add(ref start, p.StartRow);
        var a10 = TOperations.Load(ref start);
        var a11 = TOperations.Load(ref Unsafe.Add(ref start, lanes));
        start = ref Unsafe.Add(ref start, p.StartRow);
        var a20 = TOperations.Load(ref start);
        var a21 = TOperations.Load(ref Unsafe.Add(ref start, lanes));
        start = ref Unsafe.Add(ref start, p.StartRow);
        var a30 = TOperations.Load(ref start);
        var a31 = TOperations.Load(ref Unsafe.Add(ref start, lanes));
        start = ref Unsafe.Add(ref start, p.StartRow);
        var a40 = TOperations.Load(ref start);
        var a41 = TOperations.Load(ref Unsafe.Add(ref start, lanes));
        start = ref Unsafe.Add(ref start, p.StartRow);
        var a50 = TOperations.Load(ref start);
        var a51 = TOperations.Load(ref Unsafe.Add(ref start, lanes));
        start = ref Unsafe.Add(ref start, p.StartRow);
        var a60 = TOperations.Load(ref start);
        var a61 = TOperations.Load(ref Unsafe.Add(ref start, lanes));
        start = ref Unsafe.Add(ref start, p.StartRow);
        var a70 = TOperations.Load(ref start);
        var a71 = TOperations.Load(ref Unsafe.Add(ref start, lanes));
        for (var s = 0; s < p.LeftAt.Length; s++)
        {
            ref var left = ref Unsafe.Add(ref p.Left, p.LeftAt[s] + row * step);
            ref var lower = ref Unsafe.Add(ref left, 4 * step);
            ref var right = ref Unsafe.Add(ref p.Right, p.RightAt[s] + column);
            for (var r = p.Terms; r > 0; r--)
            {
                var b0 = TOperations.Load(ref right);
                var b1 = TOperations.Load(ref Unsafe.Add(ref right, lanes));
                var factor = TOperations.Broadcast(left);
                a00 = TOperations.FusedMultiplyAdd(factor, b0, a00);
                a01 = TOperations.FusedMultiplyAdd(factor, b1, a01);
                factor = TOperations.Broadcast(Unsafe.Add(ref left, step));
                a10 = TOperations.FusedMultiplyAdd(factor, b0, a10);
                a11 = TOperations.FusedMultiplyAdd(factor, b1, a11);
                factor = TOperations.Broadcast(Unsafe.Add(ref left, 2 * step));
                a20 = TOperations.FusedMultiplyAdd(factor, b0, a20);
                a21 = TOperations.FusedMultiplyAdd(factor, b1, a21);
                factor = TOperations.Broadcast(Unsafe.Add(ref left, 3 * step));
                a30 = TOperations.FusedMultiplyAdd(factor, b0, a30);
                a31 = TOperations.FusedMultiplyAdd(factor, b1, a31);
                factor = TOperations.Broadcast(lower);
                a40 = TOperations.FusedMultiplyAdd(factor, b0, a40);
                a41 = TOperations.FusedMultiplyAdd(factor, b1, a41);
                factor = TOperations.Broadcast(Unsafe.Add(ref lower, step));
                a50 = TOperations.FusedMultiplyAdd(factor, b0, a50);
                a51 = TOperations.FusedMultiplyAdd(factor, b1, a51);
                factor = TOperations.Broadcast(Unsafe.Add(ref lower, 2 * step));
                a60 = TOperations.FusedMultiplyAdd(factor, b0, a60);
                a61 = TOperations.FusedMultiplyAdd(factor, b1, a61);
                factor = TOperations.Broadcast(Unsafe.Add(ref lower, 3 * step));
                a70 = TOperations.FusedMultiplyAdd(factor, b0, a70);
                a71 = TOperations.FusedMultiplyAdd(factor, b1, a71);
                left = ref Unsafe.Add(ref left, p.LeftStep);
                lower = ref Unsafe.Add(ref lower, p.LeftStep);
                right = ref Unsafe.Add(ref right, p.RightStep);
            }
        }
        ref var target = ref Unsafe.Add(ref p.Target, row * p.TargetRow + column);
        TOperations.Store(a00, ref target);
        TOperations.Store(a01, ref Unsafe.Add(ref target, lanes));
        target = ref Unsafe.Add(ref target, p.TargetRow);
        TOperations.Store(a10, ref target);
        TOperations.Store(a11, ref Unsafe.Add(ref target, lanes));
        target = ref Unsafe.Add(ref target, p.TargetRow);
        TOperations.Store(a20, ref target);
        TOperations.Store(a21, ref Unsafe.Add(ref target, lanes));
        target = ref Unsafe.Add(ref target, p.TargetRow);
        TOperations.Store(a30, ref target);
        TOperations.Store(a31, ref Unsafe.Add(ref target, lanes));
        target = ref Unsafe.Add(ref target, p.TargetRow);
        TOperations.Store(a40, ref target);
        TOperations.Store(a41, ref Unsafe.Add(ref target, lanes));
        target = ref Unsafe.Add(ref target, p.TargetRow);
        TOperations.Store(a50, ref target);
        TOperations.Store(a51, ref Unsafe.Add(ref target, lanes));
        target = ref Unsafe.Add(ref target, p.TargetRow);
        TOperations.Store(a60, ref target);
        TOperations.Store(a61, ref Unsafe.Add(ref target, lanes));
        target = ref Unsafe.Add(ref target, p.TargetRow);
        TOperations.Store(a70, ref target);
        TOperations.Store(a71, ref Unsafe.Add(ref target, lanes));
    }

    /// <summary>For sixteen registers, and what eight rows leave over.</summary>
    private static void FourByTwo(in Product p, nint row, nint column)
    {
        nint step = p.LeftRow, lanes = TOperations.Lanes;
        ref var start = ref Unsafe.Add(ref p.Start, row * p.StartRow + column);
        var a00 = TOperations.Load(ref start);
        var a01 = TOperations.Load(ref Unsafe.Add(ref start, lanes));
        start = ref Unsafe.Add(ref start, p.StartRow);
        var a10 = TOperations.Load(ref start);
        var a11 = TOperations.Load(ref Unsafe.Add(ref start, lanes));
        start = ref Unsafe.Add(ref start, p.StartRow);
        var a20 = TOperations.Load(ref start);
        var a21 = TOperations.Load(ref Unsafe.Add(ref start, lanes));
        start = ref Unsafe.Add(ref start, p.StartRow);
        var a30 = TOperations.Load(ref start);
        var a31 = TOperations.Load(ref Unsafe.Add(ref start, lanes));
        for (var s = 0; s < p.LeftAt.Length; s++)
        {
            ref var left = ref Unsafe.Add(ref p.Left, p.LeftAt[s] + row * step);
            ref var right = ref Unsafe.Add(ref p.Right, p.RightAt[s] + column);
            for (var r = p.Terms; r > 0; r--)
            {
                var b0 = TOperations.Load(ref right);
                var b1 = TOperations.Load(ref Unsafe.Add(ref right, lanes));
                var factor = TOperations.Broadcast(left);
                a00 = TOperations.FusedMultiplyAdd(factor, b0, a00);
                a01 = TOperations.FusedMultiplyAdd(factor, b1, a01);
                factor = TOperations.Broadcast(Unsafe.Add(ref left, step));
                a10 = TOperations.FusedMultiplyAdd(factor, b0, a10);
                a11 = TOperations.FusedMultiplyAdd(factor, b1, a11);
                factor = TOperations.Broadcast(Unsafe.Add(ref left, 2 * step));
                a20 = TOperations.FusedMultiplyAdd(factor, b0, a20);
                a21 = TOperations.FusedMultiplyAdd(factor, b1, a21);
                factor = TOperations.Broadcast(Unsafe.Add(ref left, 3 * step));
                a30 = TOperations.FusedMultiplyAdd(factor, b0, a30);
                a31 = TOperations.FusedMultiplyAdd(factor, b1, a31);
                left = ref Unsafe.Add(ref left, p.LeftStep);
                right = ref Unsafe.Add(ref right, p.RightStep);
            }
        }
        ref var target = ref Unsafe.Add(ref p.Target, row * p.TargetRow + column);
        TOperations.Store(a00, ref target);
        TOperations.Store(a01, ref Unsafe.Add(ref target, lanes));
        target = ref Unsafe.Add(ref target, p.TargetRow);
        TOperations.Store(a10, ref target);
        TOperations.Store(a11, ref Unsafe.Add(ref target, lanes));
        target = ref Unsafe.Add(ref target, p.TargetRow);
        TOperations.Store(a20, ref target);
        TOperations.Store(a21, ref Unsafe.Add(ref target, lanes));
        target = ref Unsafe.Add(ref target, p.TargetRow);
        TOperations.Store(a30, ref target);
        TOperations.Store(a31, ref Unsafe.Add(ref target, lanes));
    }

    /// <summary>As many rows as a picture has colours.</summary>
    private static void ThreeByTwo(in Product p, nint row, nint column)
    {
        nint step = p.LeftRow, lanes = TOperations.Lanes;
        ref var start = ref Unsafe.Add(ref p.Start, row * p.StartRow + column);
        var a00 = TOperations.Load(ref start);
        var a01 = TOperations.Load(ref Unsafe.Add(ref start, lanes));
        start = ref Unsafe.Add(ref start, p.StartRow);
        var a10 = TOperations.Load(ref start);
        var a11 = TOperations.Load(ref Unsafe.Add(ref start, lanes));
        start = ref Unsafe.Add(ref start, p.StartRow);
        var a20 = TOperations.Load(ref start);
        var a21 = TOperations.Load(ref Unsafe.Add(ref start, lanes));
        for (var s = 0; s < p.LeftAt.Length; s++)
        {
            ref var left = ref Unsafe.Add(ref p.Left, p.LeftAt[s] + row * step);
            ref var right = ref Unsafe.Add(ref p.Right, p.RightAt[s] + column);
            for (var r = p.Terms; r > 0; r--)
            {
                var b0 = TOperations.Load(ref right);
                var b1 = TOperations.Load(ref Unsafe.Add(ref right, lanes));
                var factor = TOperations.Broadcast(left);
                a00 = TOperations.FusedMultiplyAdd(factor, b0, a00);
                a01 = TOperations.FusedMultiplyAdd(factor, b1, a01);
                factor = TOperations.Broadcast(Unsafe.Add(ref left, step));
                a10 = TOperations.FusedMultiplyAdd(factor, b0, a10);
                a11 = TOperations.FusedMultiplyAdd(factor, b1, a11);
                factor = TOperations.Broadcast(Unsafe.Add(ref left, 2 * step));
                a20 = TOperations.FusedMultiplyAdd(factor, b0, a20);
                a21 = TOperations.FusedMultiplyAdd(factor, b1, a21);
                left = ref Unsafe.Add(ref left, p.LeftStep);
                right = ref Unsafe.Add(ref right, p.RightStep);
            }
        }
        ref var target = ref Unsafe.Add(ref p.Target, row * p.TargetRow + column);
        TOperations.Store(a00, ref target);
        TOperations.Store(a01, ref Unsafe.Add(ref target, lanes));
        target = ref Unsafe.Add(ref target, p.TargetRow);
        TOperations.Store(a10, ref target);
        TOperations.Store(a11, ref Unsafe.Add(ref target, lanes));
        target = ref Unsafe.Add(ref target, p.TargetRow);
        TOperations.Store(a20, ref target);
        TOperations.Store(a21, ref Unsafe.Add(ref target, lanes));
    }

    /// <summary>The last rows.</summary>
    private static void OneByTwo(in Product p, nint row, nint column)
    {
        nint step = p.LeftRow, lanes = TOperations.Lanes;
        ref var start = ref Unsafe.Add(ref p.Start, row * p.StartRow + column);
        var a00 = TOperations.Load(ref start);
        var a01 = TOperations.Load(ref Unsafe.Add(ref start, lanes));
        for (var s = 0; s < p.LeftAt.Length; s++)
        {
            ref var left = ref Unsafe.Add(ref p.Left, p.LeftAt[s] + row * step);
            ref var right = ref Unsafe.Add(ref p.Right, p.RightAt[s] + column);
            for (var r = p.Terms; r > 0; r--)
            {
                var b0 = TOperations.Load(ref right);
                var b1 = TOperations.Load(ref Unsafe.Add(ref right, lanes));
                var factor = TOperations.Broadcast(left);
                a00 = TOperations.FusedMultiplyAdd(factor, b0, a00);
                a01 = TOperations.FusedMultiplyAdd(factor, b1, a01);
                left = ref Unsafe.Add(ref left, p.LeftStep);
                right = ref Unsafe.Add(ref right, p.RightStep);
            }
        }
        ref var target = ref Unsafe.Add(ref p.Target, row * p.TargetRow + column);
        TOperations.Store(a00, ref target);
        TOperations.Store(a01, ref Unsafe.Add(ref target, lanes));
    }
}
