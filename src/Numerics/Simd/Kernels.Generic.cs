using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CitySafeSense.Numerics;

/// <summary>The arithmetic for one kind of register. What a span leaves over after whole registers is done float by float, with the same bits.</summary>
/// <param name="narrower">Takes products whose columns are no multiple of this width.</param>
internal sealed class Kernels<TVector, TOperations>(SimdWidth width, Kernels? narrower = null) : Kernels(width)
    where TVector : struct
    where TOperations : struct, IVectorOperations<TVector>
{
    public override void Multiply(in Product product)
    {
        if (product.Columns % TOperations.Lanes != 0) narrower!.Multiply(product);
        else ProductTiles<TVector, TOperations>.Run(product);
    }

    public override void MultiplyColumns(in Product product)
    {
        if (product.Columns % TOperations.Lanes != 0) narrower!.MultiplyColumns(product);
        else ColumnTiles<TVector, TOperations>.Run(product);
    }

    public override void SeeTiles(TileRow row, ref float x, in Four t)
    {
        if (row.Run % TOperations.Lanes != 0 || row.LastRun % TOperations.Lanes != 0) narrower!.SeeTiles(row, ref x, t);
        else MinimalFiltering<TVector, TOperations>.See(row, ref x, t);
    }

    public override void PaintTiles(TileRow row, in Four m, float floor, ref float y)
    {
        if (row.Run % TOperations.Lanes != 0 || row.LastRun % TOperations.Lanes != 0) narrower!.PaintTiles(row, m, floor, ref y);
        else MinimalFiltering<TVector, TOperations>.Paint(row, m, floor, ref y);
    }

    public override void SeeTileGradients(TileRow row, ref float dy, in Four m)
    {
        if (row.Run % TOperations.Lanes != 0 || row.LastRun % TOperations.Lanes != 0) narrower!.SeeTileGradients(row, ref dy, m);
        else MinimalFiltering<TVector, TOperations>.SeeGradient(row, ref dy, m);
    }

    public override void PaintTileGradients(TileRow row, in Four t, ref float dx, bool adds)
    {
        if (row.Run % TOperations.Lanes != 0 || row.LastRun % TOperations.Lanes != 0) narrower!.PaintTileGradients(row, t, ref dx, adds);
        else MinimalFiltering<TVector, TOperations>.PaintGradient(row, t, ref dx, adds);
    }

    public override void FilterFactors(ReadOnlySpan<float> g0, ReadOnlySpan<float> g1, ReadOnlySpan<float> g2, in Four u)
    {
        if (g0.Length % TOperations.Lanes != 0) narrower!.FilterFactors(g0, g1, g2, u);
        else MinimalFiltering<TVector, TOperations>.Filter(g0, g1, g2, u);
    }

    public override void FilterGradients(in Four u, Span<float> g0, Span<float> g1, Span<float> g2)
    {
        if (g0.Length % TOperations.Lanes != 0) narrower!.FilterGradients(u, g0, g1, g2);
        else MinimalFiltering<TVector, TOperations>.FilterGradient(u, g0, g1, g2);
    }

    public override void Rectify(Span<float> x) => Map<Rectified>(x, x, 0, x);

    public override void RectifyBackward(ReadOnlySpan<float> y, Span<float> dy) => Map<WherePositive>(dy, y, 0, dy);

    public override void Logistic(Span<float> x) => Map<Logistic>(x, x, 0, x);

    public override void LogisticBackward(ReadOnlySpan<float> y, Span<float> dy) => Map<LogisticBackward>(dy, y, 0, dy);

    public override void Sum(ReadOnlySpan<float> x, ReadOnlySpan<float> y, float floor, Span<float> target) => Map<SumAbove>(x, y, floor, target);

    public override void Add(ReadOnlySpan<float> x, Span<float> y) => Map<Sum>(y, x, 0, y);

    public override void AddScaled(float a, ReadOnlySpan<float> x, Span<float> y) => Map<SumScaled>(y, x, a, y);

    public override void Scale(float a, Span<float> x) => Map<Scaled>(x, x, a, x);

    public override void DifferenceScaled(float a, ReadOnlySpan<float> x, ReadOnlySpan<float> y, Span<float> target) => Map<DifferenceScaled>(x, y, a, target);

    public override float Dot(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        Same(x.Length, y.Length);
        ref var px = ref MemoryMarshal.GetReference(x);
        ref var py = ref MemoryMarshal.GetReference(y);
        Span<float> lanes = stackalloc float[SumLanes];
        var whole = x.Length - x.Length % SumLanes;
        for (var lane = 0; lane < SumLanes; lane += TOperations.Lanes)
        {
            var sum = TOperations.Broadcast(0);
            for (var i = lane; i < whole; i += SumLanes)
                sum = TOperations.FusedMultiplyAdd(TOperations.Load(ref Unsafe.Add(ref px, i)), TOperations.Load(ref Unsafe.Add(ref py, i)), sum);
            TOperations.Store(sum, ref lanes[lane]);
        }
        for (var i = whole; i < x.Length; i++) lanes[i - whole] = FusedMultiplyAdd.Of(x[i], y[i], lanes[i - whole]);
        return SumOf(lanes);
    }

    public override bool AreFinite(ReadOnlySpan<float> x)
    {
        // 0 times anything that is not finite is NaN, and so is every sum with it.
        ref var p = ref MemoryMarshal.GetReference(x);
        var zero = TOperations.Broadcast(0);
        var sum = zero;
        nint i = 0;
        for (; i <= x.Length - TOperations.Lanes; i += TOperations.Lanes) sum = TOperations.FusedMultiplyAdd(TOperations.Load(ref Unsafe.Add(ref p, i)), zero, sum);
        Span<float> lanes = stackalloc float[SumLanes];
        TOperations.Store(sum, ref lanes[0]);
        for (; i < x.Length; i++) lanes[0] += Unsafe.Add(ref p, i) * 0;
        return SumOf(lanes) == 0;
    }

    public override void AdamStep(ReadOnlySpan<float> gradient, Span<float> first, Span<float> second, Span<float> weights, float keepFirst, float keepSecond, float rate, float epsilon, float decay)
    {
        Same(gradient.Length, weights.Length);
        Same(first.Length, weights.Length);
        Same(second.Length, weights.Length);
        var whole = weights.Length - weights.Length % TOperations.Lanes;
        for (var i = 0; i < whole; i += TOperations.Lanes)
            Step<TVector, TOperations>(ref MemoryMarshal.GetReference(gradient[i..]), ref first[i], ref second[i], ref weights[i], keepFirst, keepSecond, rate, epsilon, decay);
        for (var i = whole; i < weights.Length; i++)
            Step<float, ScalarOperations>(ref MemoryMarshal.GetReference(gradient[i..]), ref first[i], ref second[i], ref weights[i], keepFirst, keepSecond, rate, epsilon, decay);
    }

    public override void AddRows(ReadOnlySpan<float> rows, Span<float> sum)
    {
        if (sum.Length % TOperations.Lanes != 0)
        {
            narrower!.AddRows(rows, sum);
            return;
        }
        nint pixel = sum.Length;
        for (nint column = 0; column < pixel; column += TOperations.Lanes)
        {
            ref var at = ref Unsafe.Add(ref MemoryMarshal.GetReference(rows), column);
            ref var target = ref Unsafe.Add(ref MemoryMarshal.GetReference(sum), column);
            var a = TOperations.Broadcast(0);
            var (b, c, d) = (a, a, a);
            var n = rows.Length / sum.Length;
            for (; n >= 4; n -= 4)
            {
                a = TOperations.Add(a, TOperations.Load(ref at));
                b = TOperations.Add(b, TOperations.Load(ref Unsafe.Add(ref at, pixel)));
                c = TOperations.Add(c, TOperations.Load(ref Unsafe.Add(ref at, 2 * pixel)));
                d = TOperations.Add(d, TOperations.Load(ref Unsafe.Add(ref at, 3 * pixel)));
                at = ref Unsafe.Add(ref at, 4 * pixel);
            }
            for (; n > 0; n--)
            {
                a = TOperations.Add(a, TOperations.Load(ref at));
                at = ref Unsafe.Add(ref at, pixel);
            }
            TOperations.Store(TOperations.Add(TOperations.Load(ref target), TOperations.Add(TOperations.Add(a, c), TOperations.Add(b, d))), ref target);
        }
    }

    public override void MaximumOfFour(nint row, ref float x, ref float y, int pixel, int count)
    {
        if (pixel % TOperations.Lanes != 0)
        {
            narrower!.MaximumOfFour(row, ref x, ref y, pixel, count);
            return;
        }
        for (nint n = 0; n < count; n++)
            for (nint c = 0; c < pixel; c += TOperations.Lanes)
            {
                ref var first = ref Unsafe.Add(ref x, 2 * n * pixel + c);
                ref var third = ref Unsafe.Add(ref first, row);
                var largest = Larger(TOperations.Load(ref first), TOperations.Load(ref Unsafe.Add(ref first, pixel)));
                largest = Larger(largest, TOperations.Load(ref third));
                TOperations.Store(Larger(largest, TOperations.Load(ref Unsafe.Add(ref third, pixel))), ref Unsafe.Add(ref y, n * pixel + c));
            }
    }

    public override void MaximumOfFourBackward(nint row, ref float x, ref float y, ref float dy, ref float dx, int pixel, int count, bool adds)
    {
        if (pixel % TOperations.Lanes != 0)
        {
            narrower!.MaximumOfFourBackward(row, ref x, ref y, ref dy, ref dx, pixel, count, adds);
            return;
        }
        for (nint n = 0; n < count; n++)
            for (nint c = 0; c < pixel; c += TOperations.Lanes)
            {
                var corner = 2 * n * pixel + c;
                var maximum = TOperations.Load(ref Unsafe.Add(ref y, n * pixel + c));
                var remaining = TOperations.Load(ref Unsafe.Add(ref dy, n * pixel + c));
                remaining = Give(maximum, remaining, ref Unsafe.Add(ref x, corner), ref Unsafe.Add(ref dx, corner), adds);
                remaining = Give(maximum, remaining, ref Unsafe.Add(ref x, corner + pixel), ref Unsafe.Add(ref dx, corner + pixel), adds);
                remaining = Give(maximum, remaining, ref Unsafe.Add(ref x, corner + row), ref Unsafe.Add(ref dx, corner + row), adds);
                Give(maximum, remaining, ref Unsafe.Add(ref x, corner + row + pixel), ref Unsafe.Add(ref dx, corner + row + pixel), adds);
            }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Larger(TVector a, TVector b) => TOperations.WhereLess(a, b, b, a);

    /// <summary>The gradient goes to x where that is the maximum.</summary>
    /// <returns>What remains for the others.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Give(TVector maximum, TVector gradient, ref float x, ref float dx, bool adds)
    {
        var (value, zero) = (TOperations.Load(ref x), TOperations.Broadcast(0));
        var share = TOperations.WhereLess(value, maximum, zero, gradient);
        TOperations.Store(adds ? TOperations.Add(TOperations.Load(ref dx), share) : share, ref dx);
        return TOperations.WhereLess(value, maximum, gradient, zero);
    }

    /// <summary>target[i] = f(x[i], y[i], a).</summary>
    private static void Map<TElement>(ReadOnlySpan<float> x, ReadOnlySpan<float> y, float a, Span<float> target)
        where TElement : struct, IElement
    {
        Same(x.Length, target.Length);
        Same(y.Length, target.Length);
        ref var px = ref MemoryMarshal.GetReference(x);
        ref var py = ref MemoryMarshal.GetReference(y);
        ref var pt = ref MemoryMarshal.GetReference(target);
        var broadcast = TOperations.Broadcast(a);
        nint i = 0;
        for (; i <= target.Length - TOperations.Lanes; i += TOperations.Lanes)
            TOperations.Store(TElement.Of<TVector, TOperations>(TOperations.Load(ref Unsafe.Add(ref px, i)), TOperations.Load(ref Unsafe.Add(ref py, i)), broadcast), ref Unsafe.Add(ref pt, i));
        if (i < target.Length) MapRest<TElement>(x[(int)i..], y[(int)i..], a, target[(int)i..]);
    }

    /// <summary>Apart, since a long element written into one method twice is more than the compiler will write into it at all.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void MapRest<TElement>(ReadOnlySpan<float> x, ReadOnlySpan<float> y, float a, Span<float> target)
        where TElement : struct, IElement
    {
        for (var i = 0; i < target.Length; i++) target[i] = TElement.Of<float, ScalarOperations>(x[i], y[i], a);
    }

    private static void Step<TV, TO>(ref float gradient, ref float first, ref float second, ref float weights, float keepFirst, float keepSecond, float rate, float epsilon, float decay)
        where TV : struct
        where TO : struct, IVectorOperations<TV>
    {
        var g = TO.Load(ref gradient);
        var (m, v, w) = (TO.Load(ref first), TO.Load(ref second), TO.Load(ref weights));
        m = TO.FusedMultiplyAdd(TO.Broadcast(1 - keepFirst), TO.Subtract(g, m), m);
        v = TO.FusedMultiplyAdd(TO.Broadcast(1 - keepSecond), TO.Subtract(TO.Multiply(g, g), v), v);
        w = TO.FusedMultiplyAdd(TO.Broadcast(-decay), w, w);
        w = TO.FusedMultiplyAdd(TO.Broadcast(-rate), TO.Divide(m, TO.Add(TO.SquareRoot(v), TO.Broadcast(epsilon))), w);
        TO.Store(m, ref first);
        TO.Store(v, ref second);
        TO.Store(w, ref weights);
    }

    private static void Same(int x, int y)
    {
        if (x != y) throw new ArgumentException($"spans of one length are needed, not {x} and {y}");
    }
}
