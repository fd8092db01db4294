using System.Runtime.CompilerServices;

namespace CitySafeSense.Numerics;

/// <summary>Tiles one vector wide.</summary>
internal static partial class ProductTiles<TVector, TOperations>
{
    /// <summary>A single vector of columns.</summary>
    private static void EightByOne(in Product p, nint row, nint column)
    {
        var step = p.LeftRow;
        ref var start = ref Unsafe.Add(ref p.Start, row * p.StartRow + column);
        var a00 = TOperations.Load(ref start);
        start = ref Unsafe.Add(ref start, p.StartRow);
        var a10 = TOperations.Load(ref start);
        start = ref Unsafe.Add(ref start, p.StartRow);
        var a20 = TOperations.Load(ref start);
        start = ref Unsafe.Add(ref start, p.StartRow);
        var a30 = TOperations.Load(ref start);
        start = ref Unsafe.Add(ref start, p.StartRow);
        var a40 = TOperations.Load(ref start);
        start = ref Unsafe.Add(ref start, p.StartRow);
        var a50 = TOperations.Load(ref start);
        start = ref Unsafe.Add(ref start, p.StartRow);
        var a60 = TOperations.Load(ref start);
        start = ref Unsafe.Add(ref start, p.StartRow);
        var a70 = TOperations.Load(ref start);
        for (var s = 0; s < p.LeftAt.Length; s++)
        {
            ref var left = ref Unsafe.Add(ref p.Left, p.LeftAt[s] + row * step);
            ref var lower = ref Unsafe.Add(ref left, 4 * step);
            ref var right = ref Unsafe.Add(ref p.Right, p.RightAt[s] + column);
            for (var r = p.Terms; r > 0; r--)
            {
                var b0 = TOperations.Load(ref right);
                var factor = TOperations.Broadcast(left);
                a00 = TOperations.FusedMultiplyAdd(factor, b0, a00);
                factor = TOperations.Broadcast(Unsafe.Add(ref left, step));
                a10 = TOperations.FusedMultiplyAdd(factor, b0, a10);
                factor = TOperations.Broadcast(Unsafe.Add(ref left, 2 * step));
                a20 = TOperations.FusedMultiplyAdd(factor, b0, a20);
                factor = TOperations.Broadcast(Unsafe.Add(ref left, 3 * step));
                a30 = TOperations.FusedMultiplyAdd(factor, b0, a30);
                factor = TOperations.Broadcast(lower);
                a40 = TOperations.FusedMultiplyAdd(factor, b0, a40);
                factor = TOperations.Broadcast(Unsafe.Add(ref lower, step));
                a50 = TOperations.FusedMultiplyAdd(factor, b0, a50);
                factor = TOperations.Broadcast(Unsafe.Add(ref lower, 2 * step));
                a60 = TOperations.FusedMultiplyAdd(factor, b0, a60);
                factor = TOperations.Broadcast(Unsafe.Add(ref lower, 3 * step));
                a70 = TOperations.FusedMultiplyAdd(factor, b0, a70);
                left = ref Unsafe.Add(ref left, p.LeftStep);
                lower = ref Unsafe.Add(ref lower, p.LeftStep);
                right = ref Unsafe.Add(ref right, p.RightStep);
            }
        }
        ref var target = ref Unsafe.Add(ref p.Target, row * p.TargetRow + column);
        TOperations.Store(a00, ref target);
        target = ref Unsafe.Add(ref target, p.TargetRow);
        TOperations.Store(a10, ref target);
        target = ref Unsafe.Add(ref target, p.TargetRow);
        TOperations.Store(a20, ref target);
        target = ref Unsafe.Add(ref target, p.TargetRow);
        TOperations.Store(a30, ref target);
        target = ref Unsafe.Add(ref target, p.TargetRow);
        TOperations.Store(a40, ref target);
        target = ref Unsafe.Add(ref target, p.TargetRow);
        TOperations.Store(a50, ref target);
        target = ref Unsafe.Add(ref target, p.TargetRow);
        TOperations.Store(a60, ref target);
        target = ref Unsafe.Add(ref target, p.TargetRow);
        TOperations.Store(a70, ref target);
    }

    /// <summary>The same, four rows.</summary>
    private static void FourByOne(in Product p, nint row, nint column)
    {
        var step = p.LeftRow;
        ref var start = ref Unsafe.Add(ref p.Start, row * p.StartRow + column);
        var a00 = TOperations.Load(ref start);
        start = ref Unsafe.Add(ref start, p.StartRow);
        var a10 = TOperations.Load(ref start);
        start = ref Unsafe.Add(ref start, p.StartRow);
        var a20 = TOperations.Load(ref start);
        start = ref Unsafe.Add(ref start, p.StartRow);
        var a30 = TOperations.Load(ref start);
        for (var s = 0; s < p.LeftAt.Length; s++)
        {
            ref var left = ref Unsafe.Add(ref p.Left, p.LeftAt[s] + row * step);
            ref var right = ref Unsafe.Add(ref p.Right, p.RightAt[s] + column);
            for (var r = p.Terms; r > 0; r--)
            {
                var b0 = TOperations.Load(ref right);
                var factor = TOperations.Broadcast(left);
                a00 = TOperations.FusedMultiplyAdd(factor, b0, a00);
                factor = TOperations.Broadcast(Unsafe.Add(ref left, step));
                a10 = TOperations.FusedMultiplyAdd(factor, b0, a10);
                factor = TOperations.Broadcast(Unsafe.Add(ref left, 2 * step));
                a20 = TOperations.FusedMultiplyAdd(factor, b0, a20);
                factor = TOperations.Broadcast(Unsafe.Add(ref left, 3 * step));
                a30 = TOperations.FusedMultiplyAdd(factor, b0, a30);
                left = ref Unsafe.Add(ref left, p.LeftStep);
                right = ref Unsafe.Add(ref right, p.RightStep);
            }
        }
        ref var target = ref Unsafe.Add(ref p.Target, row * p.TargetRow + column);
        TOperations.Store(a00, ref target);
        target = ref Unsafe.Add(ref target, p.TargetRow);
        TOperations.Store(a10, ref target);
        target = ref Unsafe.Add(ref target, p.TargetRow);
        TOperations.Store(a20, ref target);
        target = ref Unsafe.Add(ref target, p.TargetRow);
        TOperations.Store(a30, ref target);
    }

    /// <summary>The same, the last rows.</summary>
    private static void OneByOne(in Product p, nint row, nint column)
    {
        var step = p.LeftRow;
        ref var start = ref Unsafe.Add(ref p.Start, row * p.StartRow + column);
        var a00 = TOperations.Load(ref start);
        for (var s = 0; s < p.LeftAt.Length; s++)
        {
            ref var left = ref Unsafe.Add(ref p.Left, p.LeftAt[s] + row * step);
            ref var right = ref Unsafe.Add(ref p.Right, p.RightAt[s] + column);
            for (var r = p.Terms; r > 0; r--)
            {
                var b0 = TOperations.Load(ref right);
                var factor = TOperations.Broadcast(left);
                a00 = TOperations.FusedMultiplyAdd(factor, b0, a00);
                left = ref Unsafe.Add(ref left, p.LeftStep);
                right = ref Unsafe.Add(ref right, p.RightStep);
            }
        }
        ref var target = ref Unsafe.Add(ref p.Target, row * p.TargetRow + column);
        TOperations.Store(a00, ref target);
    }
}
