using System.Runtime.CompilerServices;

namespace CitySafeSense.Numerics;

/// <summary>Tiles of a <see cref="Product"/> whose columns do not mix: depthwise convolutions. Written out like those of <see cref="ProductTiles{TVector, TOperations}"/>, for the same reason.</summary>
internal static class ColumnTiles<TVector, TOperations>
    where TVector : struct
    where TOperations : struct, IVectorOperations<TVector>
{
    public static void Run(in Product p)
    {
        nint column = 0;
        if (p.Rows == 3)
            for (; column <= p.Columns - 2 * TOperations.Lanes; column += 2 * TOperations.Lanes) ThreeByTwo(p, column);
        for (; column < p.Columns; column += TOperations.Lanes)
        {
            nint row = 0;
            for (; row <= p.Rows - 8; row += 8) Eight(p, row, column);
            for (; row <= p.Rows - 4; row += 4) Four(p, row, column);
            for (; row <= p.Rows - 3; row += 3) Three(p, row, column);
            for (; row < p.Rows; row++) One(p, row, column);
        }
    }

    /// <summary>Eight rows.</summary>
    private static void Eight(in Product p, nint row, nint column)
    {
        nint leftRow = p.LeftRow;
        ref var start = ref Unsafe.Add(ref p.Start, row * p.StartRow + column);
        var a0 = TOperations.Load(ref start);
        var a1 = TOperations.Load(ref Unsafe.Add(ref start, p.StartRow));
        var a2 = TOperations.Load(ref Unsafe.Add(ref start, 2 * p.StartRow));
        var a3 = TOperations.Load(ref Unsafe.Add(ref start, 3 * p.StartRow));
        var a4 = TOperations.Load(ref Unsafe.Add(ref start, 4 * p.StartRow));
        var a5 = TOperations.Load(ref Unsafe.Add(ref start, 5 * p.StartRow));
        var a6 = TOperations.Load(ref Unsafe.Add(ref start, 6 * p.StartRow));
        var a7 = TOperations.Load(ref Unsafe.Add(ref start, 7 * p.StartRow));
        for (var s = 0; s < p.LeftAt.Length; s++)
        {
            ref var left = ref Unsafe.Add(ref p.Left, p.LeftAt[s] + row * leftRow + column);
            ref var right = ref Unsafe.Add(ref p.Right, p.RightAt[s] + column);
            for (var r = p.Terms; r > 0; r--)
            {
                var shared = TOperations.Load(ref right);
                a0 = TOperations.FusedMultiplyAdd(TOperations.Load(ref left), shared, a0);
                a1 = TOperations.FusedMultiplyAdd(TOperations.Load(ref Unsafe.Add(ref left, leftRow)), shared, a1);
                a2 = TOperations.FusedMultiplyAdd(TOperations.Load(ref Unsafe.Add(ref left, 2 * leftRow)), shared, a2);
                a3 = TOperations.FusedMultiplyAdd(TOperations.Load(ref Unsafe.Add(ref left, 3 * leftRow)), shared, a3);
                a4 = TOperations.FusedMultiplyAdd(TOperations.Load(ref Unsafe.Add(ref left, 4 * leftRow)), shared, a4);
                a5 = TOperations.FusedMultiplyAdd(TOperations.Load(ref Unsafe.Add(ref left, 5 * leftRow)), shared, a5);
                a6 = TOperations.FusedMultiplyAdd(TOperations.Load(ref Unsafe.Add(ref left, 6 * leftRow)), shared, a6);
                a7 = TOperations.FusedMultiplyAdd(TOperations.Load(ref Unsafe.Add(ref left, 7 * leftRow)), shared, a7);
                left = ref Unsafe.Add(ref left, p.LeftStep);
                right = ref Unsafe.Add(ref right, p.RightStep);
            }
        }
        ref var target = ref Unsafe.Add(ref p.Target, row * p.TargetRow + column);
        TOperations.Store(a0, ref target);
        TOperations.Store(a1, ref Unsafe.Add(ref target, p.TargetRow));
        TOperations.Store(a2, ref Unsafe.Add(ref target, 2 * p.TargetRow));
        TOperations.Store(a3, ref Unsafe.Add(ref target, 3 * p.TargetRow));
        TOperations.Store(a4, ref Unsafe.Add(ref target, 4 * p.TargetRow));
        TOperations.Store(a5, ref Unsafe.Add(ref target, 5 * p.TargetRow));
        TOperations.Store(a6, ref Unsafe.Add(ref target, 6 * p.TargetRow));
        TOperations.Store(a7, ref Unsafe.Add(ref target, 7 * p.TargetRow));
    }

    /// <summary>Four rows.</summary>
    private static void Four(in Product p, nint row, nint column)
    {
        nint leftRow = p.LeftRow;
        ref var start = ref Unsafe.Add(ref p.Start, row * p.StartRow + column);
        var a0 = TOperations.Load(ref start);
        var a1 = TOperations.Load(ref Unsafe.Add(ref start, p.StartRow));
        var a2 = TOperations.Load(ref Unsafe.Add(ref start, 2 * p.StartRow));
        var a3 = TOperations.Load(ref Unsafe.Add(ref start, 3 * p.StartRow));
        for (var s = 0; s < p.LeftAt.Length; s++)
        {
            ref var left = ref Unsafe.Add(ref p.Left, p.LeftAt[s] + row * leftRow + column);
            ref var right = ref Unsafe.Add(ref p.Right, p.RightAt[s] + column);
            for (var r = p.Terms; r > 0; r--)
            {
                var shared = TOperations.Load(ref right);
                a0 = TOperations.FusedMultiplyAdd(TOperations.Load(ref left), shared, a0);
                a1 = TOperations.FusedMultiplyAdd(TOperations.Load(ref Unsafe.Add(ref left, leftRow)), shared, a1);
                a2 = TOperations.FusedMultiplyAdd(TOperations.Load(ref Unsafe.Add(ref left, 2 * leftRow)), shared, a2);
                a3 = TOperations.FusedMultiplyAdd(TOperations.Load(ref Unsafe.Add(ref left, 3 * leftRow)), shared, a3);
                left = ref Unsafe.Add(ref left, p.LeftStep);
                right = ref Unsafe.Add(ref right, p.RightStep);
            }
        }
        ref var target = ref Unsafe.Add(ref p.Target, row * p.TargetRow + column);
        TOperations.Store(a0, ref target);
        TOperations.Store(a1, ref Unsafe.Add(ref target, p.TargetRow));
        TOperations.Store(a2, ref Unsafe.Add(ref target, 2 * p.TargetRow));
        TOperations.Store(a3, ref Unsafe.Add(ref target, 3 * p.TargetRow));
    }

    /// <summary>As many rows as a window usually has taps.</summary>
    private static void Three(in Product p, nint row, nint column)
    {
        nint leftRow = p.LeftRow;
        ref var start = ref Unsafe.Add(ref p.Start, row * p.StartRow + column);
        var a0 = TOperations.Load(ref start);
        var a1 = TOperations.Load(ref Unsafe.Add(ref start, p.StartRow));
        var a2 = TOperations.Load(ref Unsafe.Add(ref start, 2 * p.StartRow));
        for (var s = 0; s < p.LeftAt.Length; s++)
        {
            ref var left = ref Unsafe.Add(ref p.Left, p.LeftAt[s] + row * leftRow + column);
            ref var right = ref Unsafe.Add(ref p.Right, p.RightAt[s] + column);
            for (var r = p.Terms; r > 0; r--)
            {
                var shared = TOperations.Load(ref right);
                a0 = TOperations.FusedMultiplyAdd(TOperations.Load(ref left), shared, a0);
                a1 = TOperations.FusedMultiplyAdd(TOperations.Load(ref Unsafe.Add(ref left, leftRow)), shared, a1);
                a2 = TOperations.FusedMultiplyAdd(TOperations.Load(ref Unsafe.Add(ref left, 2 * leftRow)), shared, a2);
                left = ref Unsafe.Add(ref left, p.LeftStep);
                right = ref Unsafe.Add(ref right, p.RightStep);
            }
        }
        ref var target = ref Unsafe.Add(ref p.Target, row * p.TargetRow + column);
        TOperations.Store(a0, ref target);
        TOperations.Store(a1, ref Unsafe.Add(ref target, p.TargetRow));
        TOperations.Store(a2, ref Unsafe.Add(ref target, 2 * p.TargetRow));
    }

    /// <summary>Three rows by two vectors: three sums alone would wait for each other.</summary>
    private static void ThreeByTwo(in Product p, nint column)
    {
        nint leftRow = p.LeftRow, lanes = TOperations.Lanes;
        ref var start = ref Unsafe.Add(ref p.Start, column);
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
            ref var left = ref Unsafe.Add(ref p.Left, p.LeftAt[s] + column);
            ref var right = ref Unsafe.Add(ref p.Right, p.RightAt[s] + column);
            for (var r = p.Terms; r > 0; r--)
            {
                var (b0, b1) = (TOperations.Load(ref right), TOperations.Load(ref Unsafe.Add(ref right, lanes)));
                a00 = TOperations.FusedMultiplyAdd(TOperations.Load(ref left), b0, a00);
                a01 = TOperations.FusedMultiplyAdd(TOperations.Load(ref Unsafe.Add(ref left, lanes)), b1, a01);
                a10 = TOperations.FusedMultiplyAdd(TOperations.Load(ref Unsafe.Add(ref left, leftRow)), b0, a10);
                a11 = TOperations.FusedMultiplyAdd(TOperations.Load(ref Unsafe.Add(ref left, leftRow + lanes)), b1, a11);
                a20 = TOperations.FusedMultiplyAdd(TOperations.Load(ref Unsafe.Add(ref left, 2 * leftRow)), b0, a20);
                a21 = TOperations.FusedMultiplyAdd(TOperations.Load(ref Unsafe.Add(ref left, 2 * leftRow + lanes)), b1, a21);
                left = ref Unsafe.Add(ref left, p.LeftStep);
                right = ref Unsafe.Add(ref right, p.RightStep);
            }
        }
        ref var target = ref Unsafe.Add(ref p.Target, column);
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
    private static void One(in Product p, nint row, nint column)
    {
        nint leftRow = p.LeftRow;
        ref var start = ref Unsafe.Add(ref p.Start, row * p.StartRow + column);
        var a0 = TOperations.Load(ref start);
        for (var s = 0; s < p.LeftAt.Length; s++)
        {
            ref var left = ref Unsafe.Add(ref p.Left, p.LeftAt[s] + row * leftRow + column);
            ref var right = ref Unsafe.Add(ref p.Right, p.RightAt[s] + column);
            for (var r = p.Terms; r > 0; r--)
            {
                var shared = TOperations.Load(ref right);
                a0 = TOperations.FusedMultiplyAdd(TOperations.Load(ref left), shared, a0);
                left = ref Unsafe.Add(ref left, p.LeftStep);
                right = ref Unsafe.Add(ref right, p.RightStep);
            }
        }
        ref var target = ref Unsafe.Add(ref p.Target, row * p.TargetRow + column);
        TOperations.Store(a0, ref target);
    }
}
