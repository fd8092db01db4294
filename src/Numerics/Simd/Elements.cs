using System.Runtime.CompilerServices;

namespace CitySafeSense.Numerics;

/// <summary>A function of the elements of two spans and one number, for registers of any width.</summary>
internal interface IElement
{
    static abstract TVector Of<TVector, TOperations>(TVector x, TVector y, TVector a)
        where TVector : struct
        where TOperations : struct, IVectorOperations<TVector>;
}

/// <summary>max(a, x); NaN stays NaN.</summary>
internal readonly struct Rectified : IElement
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Of<TVector, TOperations>(TVector x, TVector y, TVector a)
        where TVector : struct
        where TOperations : struct, IVectorOperations<TVector> => TOperations.WhereLess(x, a, a, x);
}

/// <summary>x where y is positive, else 0.</summary>
internal readonly struct WherePositive : IElement
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Of<TVector, TOperations>(TVector x, TVector y, TVector a)
        where TVector : struct
        where TOperations : struct, IVectorOperations<TVector> => TOperations.WhereLess(a, y, x, a);
}

/// <summary>x + y.</summary>
internal readonly struct Sum : IElement
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Of<TVector, TOperations>(TVector x, TVector y, TVector a)
        where TVector : struct
        where TOperations : struct, IVectorOperations<TVector> => TOperations.Add(x, y);
}

/// <summary>max(a, x + y); NaN stays NaN.</summary>
internal readonly struct SumAbove : IElement
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Of<TVector, TOperations>(TVector x, TVector y, TVector a)
        where TVector : struct
        where TOperations : struct, IVectorOperations<TVector> => Rectified.Of<TVector, TOperations>(TOperations.Add(x, y), y, a);
}

/// <summary>x + a y, rounded once.</summary>
internal readonly struct SumScaled : IElement
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Of<TVector, TOperations>(TVector x, TVector y, TVector a)
        where TVector : struct
        where TOperations : struct, IVectorOperations<TVector> => TOperations.FusedMultiplyAdd(a, y, x);
}

/// <summary>a x.</summary>
internal readonly struct Scaled : IElement
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Of<TVector, TOperations>(TVector x, TVector y, TVector a)
        where TVector : struct
        where TOperations : struct, IVectorOperations<TVector> => TOperations.Multiply(x, a);
}

/// <summary>a (x - y).</summary>
internal readonly struct DifferenceScaled : IElement
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Of<TVector, TOperations>(TVector x, TVector y, TVector a)
        where TVector : struct
        where TOperations : struct, IVectorOperations<TVector> => TOperations.Multiply(TOperations.Subtract(x, y), a);
}

/// <summary>1 / (1 + exp(-x)).</summary>
internal readonly struct Logistic : IElement
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Of<TVector, TOperations>(TVector x, TVector y, TVector a)
        where TVector : struct
        where TOperations : struct, IVectorOperations<TVector>
    {
        var one = TOperations.Broadcast(1);
        return TOperations.Divide(one, TOperations.Add(one, Exponential.Of<TVector, TOperations>(TOperations.Multiply(x, TOperations.Broadcast(-1)), y, a)));
    }
}

/// <summary>x y (1 - y): the gradient before a logistic function from the one behind it.</summary>
internal readonly struct LogisticBackward : IElement
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Of<TVector, TOperations>(TVector x, TVector y, TVector a)
        where TVector : struct
        where TOperations : struct, IVectorOperations<TVector> =>
        TOperations.Multiply(x, TOperations.Multiply(y, TOperations.Subtract(TOperations.Broadcast(1), y)));
}

/// <summary>
/// exp(x) for x between -86 and 88, the nearest of the two beyond. x = n ln 2 + r; exp(r) is Taylor's polynomial of degree 7,
/// whose error on |r| at most ln(2)/2 is 5e-9: below the rounding of a float.
/// </summary>
internal readonly struct Exponential : IElement
{
    /// <summary>1.5 * 2^23: adding it leaves the rounded integer in the low bits.</summary>
    private const float Rounding = 12582912f;

    /// <summary>ln 2 as a sum; n times the first is exact.</summary>
    private const float Ln2High = 0.693359375f, Ln2Low = -2.12194440e-4f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Of<TVector, TOperations>(TVector x, TVector y, TVector a)
        where TVector : struct
        where TOperations : struct, IVectorOperations<TVector>
    {
        x = TOperations.WhereLess(x, TOperations.Broadcast(-86), TOperations.Broadcast(-86), x);
        x = TOperations.WhereLess(TOperations.Broadcast(88), x, TOperations.Broadcast(88), x);
        var shifted = TOperations.FusedMultiplyAdd(x, TOperations.Broadcast(1.44269504f), TOperations.Broadcast(Rounding));
        var n = TOperations.Subtract(shifted, TOperations.Broadcast(Rounding));
        var r = TOperations.FusedMultiplyAdd(n, TOperations.Broadcast(-Ln2High), x);
        r = TOperations.FusedMultiplyAdd(n, TOperations.Broadcast(-Ln2Low), r);
        var sum = TOperations.Broadcast(1f / 5040);
        sum = TOperations.FusedMultiplyAdd(sum, r, TOperations.Broadcast(1f / 720));
        sum = TOperations.FusedMultiplyAdd(sum, r, TOperations.Broadcast(1f / 120));
        sum = TOperations.FusedMultiplyAdd(sum, r, TOperations.Broadcast(1f / 24));
        sum = TOperations.FusedMultiplyAdd(sum, r, TOperations.Broadcast(1f / 6));
        sum = TOperations.FusedMultiplyAdd(sum, r, TOperations.Broadcast(0.5f));
        sum = TOperations.FusedMultiplyAdd(sum, r, TOperations.Broadcast(1));
        sum = TOperations.FusedMultiplyAdd(sum, r, TOperations.Broadcast(1));
        return TOperations.AddBits(sum, TOperations.ShiftIntoExponent(shifted));
    }
}
