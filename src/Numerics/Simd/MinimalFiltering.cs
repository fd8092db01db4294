using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CitySafeSense.Numerics;

/// <summary>
/// How a row of pixels is cut into tiles for <see cref="MinimalFiltering{TVector, TOperations}"/>: block after block of 2 run
/// floats makes run floats of tiles, each of which sees x[0], x[run], x[2 run] and x[3 run].
/// </summary>
/// <param name="Blocks">At least one.</param>
/// <param name="Run">A multiple of 8.</param>
/// <param name="LastRun">What the last block makes of tiles: run or less, a multiple of 8.</param>
public readonly record struct TileRow(int Blocks, int Run, int LastRun);

/// <summary>Where the four products of a tile lie, or of a filter.</summary>
public ref struct Four
{
    public ref float First, Second, Third, Fourth;
}

/// <summary>
/// Winograd's minimal filtering F(2, 3), one row at a time: two neighbours of a filter of three taps from four products instead
/// of six (Winograd 1980; as transforms Lavin and Gray 2016, section 4.1). y = A' [(G g) (B' x)]; the way back is that
/// algorithm's own gradient, dx = B [(G g) (A dy)] and dg = G' [(B' x) (A dy)], so that B' x and A dy are made once.
/// </summary>
/// <remarks>
/// Larger tiles save more but let a sample reach outputs that its filter does not, as rounding errors: a causal filter would
/// not be causal to the bit. Here each output depends on its own three samples only.
/// </remarks>
internal static class MinimalFiltering<TVector, TOperations>
    where TVector : struct
    where TOperations : struct, IVectorOperations<TVector>
{
    /// <summary>t = B' x.</summary>
    public static void See(TileRow row, ref float x, in Four t)
    {
        nint run = row.Run, at = 0;
        for (var block = 1; block <= row.Blocks; block++, x = ref Unsafe.Add(ref x, 2 * run))
        {
            nint end = block == row.Blocks ? row.LastRun : run;
            for (nint i = 0; i < end; i += TOperations.Lanes, at += TOperations.Lanes)
            {
                ref var first = ref Unsafe.Add(ref x, i);
                var (x0, x1) = (TOperations.Load(ref first), TOperations.Load(ref Unsafe.Add(ref first, run)));
                var (x2, x3) = (TOperations.Load(ref Unsafe.Add(ref first, 2 * run)), TOperations.Load(ref Unsafe.Add(ref first, 3 * run)));
                TOperations.Store(TOperations.Subtract(x0, x2), ref Unsafe.Add(ref t.First, at));
                TOperations.Store(TOperations.Add(x1, x2), ref Unsafe.Add(ref t.Second, at));
                TOperations.Store(TOperations.Subtract(x2, x1), ref Unsafe.Add(ref t.Third, at));
                TOperations.Store(TOperations.Subtract(x1, x3), ref Unsafe.Add(ref t.Fourth, at));
            }
        }
    }

    /// <summary>y = max(floor, A' m).</summary>
    public static void Paint(TileRow row, in Four m, float floor, ref float y)
    {
        nint run = row.Run, at = 0;
        var least = TOperations.Broadcast(floor);
        for (var block = 1; block <= row.Blocks; block++, y = ref Unsafe.Add(ref y, 2 * run))
        {
            nint end = block == row.Blocks ? row.LastRun : run;
            for (nint i = 0; i < end; i += TOperations.Lanes, at += TOperations.Lanes)
            {
                var (middle, third) = (TOperations.Load(ref Unsafe.Add(ref m.Second, at)), TOperations.Load(ref Unsafe.Add(ref m.Third, at)));
                ref var first = ref Unsafe.Add(ref y, i);
                var even = TOperations.Add(TOperations.Add(TOperations.Load(ref Unsafe.Add(ref m.First, at)), middle), third);
                var odd = TOperations.Subtract(TOperations.Subtract(middle, third), TOperations.Load(ref Unsafe.Add(ref m.Fourth, at)));
                TOperations.Store(TOperations.WhereLess(even, least, least, even), ref first);
                TOperations.Store(TOperations.WhereLess(odd, least, least, odd), ref Unsafe.Add(ref first, run));
            }
        }
    }

    /// <summary>dm = A dy.</summary>
    public static void SeeGradient(TileRow row, ref float dy, in Four m)
    {
        nint run = row.Run, at = 0;
        var zero = TOperations.Broadcast(0);
        for (var block = 1; block <= row.Blocks; block++, dy = ref Unsafe.Add(ref dy, 2 * run))
        {
            nint end = block == row.Blocks ? row.LastRun : run;
            for (nint i = 0; i < end; i += TOperations.Lanes, at += TOperations.Lanes)
            {
                ref var first = ref Unsafe.Add(ref dy, i);
                var (dy0, dy1) = (TOperations.Load(ref first), TOperations.Load(ref Unsafe.Add(ref first, run)));
                TOperations.Store(dy0, ref Unsafe.Add(ref m.First, at));
                TOperations.Store(TOperations.Add(dy0, dy1), ref Unsafe.Add(ref m.Second, at));
                TOperations.Store(TOperations.Subtract(dy0, dy1), ref Unsafe.Add(ref m.Third, at));
                TOperations.Store(TOperations.Subtract(zero, dy1), ref Unsafe.Add(ref m.Fourth, at));
            }
        }
    }

    /// <summary>dx = B dt, where neighbouring tiles overlap; a block of zeros lies before the first tile and after the last.</summary>
    /// <param name="adds">Whether it is added to what dx holds.</param>
    public static void PaintGradient(TileRow row, in Four t, ref float dx, bool adds)
    {
        nint run = row.Run, at = 0;
        for (var block = 0; block <= row.Blocks; block++, dx = ref Unsafe.Add(ref dx, 2 * run))
            for (nint i = 0; i < run; i += TOperations.Lanes, at += TOperations.Lanes)
            {
                var before = at - run;
                var even = TOperations.Subtract(
                    TOperations.Add(TOperations.Load(ref Unsafe.Add(ref t.First, at)), TOperations.Add(TOperations.Load(ref Unsafe.Add(ref t.Second, before)), TOperations.Load(ref Unsafe.Add(ref t.Third, before)))),
                    TOperations.Load(ref Unsafe.Add(ref t.First, before)));
                var odd = TOperations.Subtract(
                    TOperations.Add(TOperations.Subtract(TOperations.Load(ref Unsafe.Add(ref t.Second, at)), TOperations.Load(ref Unsafe.Add(ref t.Third, at))), TOperations.Load(ref Unsafe.Add(ref t.Fourth, at))),
                    TOperations.Load(ref Unsafe.Add(ref t.Fourth, before)));
                ref var first = ref Unsafe.Add(ref dx, i);
                ref var second = ref Unsafe.Add(ref first, run);
                TOperations.Store(adds ? TOperations.Add(TOperations.Load(ref first), even) : even, ref first);
                TOperations.Store(adds ? TOperations.Add(TOperations.Load(ref second), odd) : odd, ref second);
            }
    }

    /// <summary>u = G g over filters side by side.</summary>
    public static void Filter(ReadOnlySpan<float> g0, ReadOnlySpan<float> g1, ReadOnlySpan<float> g2, in Four u)
    {
        ref var first0 = ref MemoryMarshal.GetReference(g0);
        ref var first1 = ref MemoryMarshal.GetReference(g1);
        ref var first2 = ref MemoryMarshal.GetReference(g2);
        var half = TOperations.Broadcast(0.5f);
        for (nint i = 0; i < g0.Length; i += TOperations.Lanes)
        {
            var (first, middle, last) = (TOperations.Load(ref Unsafe.Add(ref first0, i)), TOperations.Load(ref Unsafe.Add(ref first1, i)), TOperations.Load(ref Unsafe.Add(ref first2, i)));
            var ends = TOperations.Add(first, last);
            TOperations.Store(first, ref Unsafe.Add(ref u.First, i));
            TOperations.Store(TOperations.Multiply(half, TOperations.Add(ends, middle)), ref Unsafe.Add(ref u.Second, i));
            TOperations.Store(TOperations.Multiply(half, TOperations.Subtract(ends, middle)), ref Unsafe.Add(ref u.Third, i));
            TOperations.Store(last, ref Unsafe.Add(ref u.Fourth, i));
        }
    }

    /// <summary>dg += G' du over filters side by side.</summary>
    public static void FilterGradient(in Four u, Span<float> g0, Span<float> g1, Span<float> g2)
    {
        ref var first0 = ref MemoryMarshal.GetReference(g0);
        ref var first1 = ref MemoryMarshal.GetReference(g1);
        ref var first2 = ref MemoryMarshal.GetReference(g2);
        var half = TOperations.Broadcast(0.5f);
        for (nint i = 0; i < g0.Length; i += TOperations.Lanes)
        {
            var (sum, difference) = (TOperations.Load(ref Unsafe.Add(ref u.Second, i)), TOperations.Load(ref Unsafe.Add(ref u.Third, i)));
            (sum, difference) = (TOperations.Multiply(half, TOperations.Add(sum, difference)), TOperations.Multiply(half, TOperations.Subtract(sum, difference)));
            Add(TOperations.Add(TOperations.Load(ref Unsafe.Add(ref u.First, i)), sum), ref Unsafe.Add(ref first0, i));
            Add(difference, ref Unsafe.Add(ref first1, i));
            Add(TOperations.Add(sum, TOperations.Load(ref Unsafe.Add(ref u.Fourth, i))), ref Unsafe.Add(ref first2, i));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(TVector value, ref float target) => TOperations.Store(TOperations.Add(TOperations.Load(ref target), value), ref target);
}
