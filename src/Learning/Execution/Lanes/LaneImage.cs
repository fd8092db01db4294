using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using CitySafeSense.Numerics;

namespace CitySafeSense.Learning;

/// <summary>
/// What a layer makes of sixteen examples at once, one in each lane: row by row, in a row channel by channel, in a channel pixel
/// by pixel. However few channels there are, every vector is full.
/// </summary>
internal sealed class LaneImage
{
    /// <summary>Examples side by side; the same on every processor.</summary>
    public const int Lanes = 16;

    private readonly AlignedFloats values;
    private readonly int rowMask;

    /// <param name="rows">How many rows there is room for, a power of two; where that is less than the shape's, row y takes the place of row y - rows.</param>
    public LaneImage(Shape shape, Border border, int? rows = null)
    {
        (Shape, Rows) = (shape, rows ?? shape.Height);
        rowMask = Rows == shape.Height ? int.MaxValue : Rows - 1;
        Plane = (border.Left + shape.Width + border.Right) * Lanes;
        Row = shape.Channels * Plane;
        Origin = border.Top * Row + border.Left * Lanes;
        values = new AlignedFloats((border.Top + Rows + border.Bottom) * Row);
    }

    public Shape Shape { get; }

    /// <summary>How many there is room for.</summary>
    public int Rows { get; }

    /// <summary>Floats from one channel of a row to the next.</summary>
    public int Plane { get; }

    /// <summary>Floats from one row to the next.</summary>
    public int Row { get; }

    /// <summary>Where the first pixel is.</summary>
    public int Origin { get; }

    /// <summary>Floats in one row of one channel.</summary>
    public int Width => Shape.Width * Lanes;

    /// <summary>All of it, border included.</summary>
    public Span<float> All => values.Span;

    public ref float this[int at] => ref values[at];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int At(int y, int channel) => Origin + (y & rowMask) * Row + channel * Plane;

    public Span<float> Pixels(int y, int channel) => All.Slice(At(y, channel), Width);

    /// <summary>Sixteen examples, each [channels, height, width].</summary>
    public void Load(Examples examples, ReadOnlySpan<int> rows)
    {
        for (var c = 0; c < Shape.Channels; c++)
            for (var y = 0; y < Shape.Height; y++)
            {
                var from = (c * Shape.Height + y) * Shape.Width;
                var into = Pixels(y, c);
                for (var lane = 0; lane < Lanes; lane += 4)
                    Interleave(
                        examples.Input(rows[lane]).Slice(from, Shape.Width), examples.Input(rows[lane + 1]).Slice(from, Shape.Width),
                        examples.Input(rows[lane + 2]).Slice(from, Shape.Width), examples.Input(rows[lane + 3]).Slice(from, Shape.Width), into[lane..]);
            }
    }

    /// <summary>Four rows of pixels become four lanes, four pixels at a time.</summary>
    private static void Interleave(ReadOnlySpan<float> a, ReadOnlySpan<float> b, ReadOnlySpan<float> c, ReadOnlySpan<float> d, Span<float> lanes)
    {
        var x = 0;
        for (; x <= a.Length - 4; x += 4)
        {
            var pixels = Transposition.Of(At(a, x), At(b, x), At(c, x), At(d, x));
            ref var four = ref lanes[x * Lanes];
            pixels.First.StoreUnsafe(ref four);
            pixels.Second.StoreUnsafe(ref four, Lanes);
            pixels.Third.StoreUnsafe(ref four, 2 * Lanes);
            pixels.Fourth.StoreUnsafe(ref four, 3 * Lanes);
        }
        for (; x < a.Length; x++) (lanes[x * Lanes], lanes[x * Lanes + 1], lanes[x * Lanes + 2], lanes[x * Lanes + 3]) = (a[x], b[x], c[x], d[x]);

        static Vector128<float> At(ReadOnlySpan<float> row, int x) => Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(row), (nuint)x);
    }

    /// <summary>Sixteen floats from one place to another.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Copy(ref float from, ref float to) =>
        Unsafe.CopyBlockUnaligned(ref Unsafe.As<float, byte>(ref to), ref Unsafe.As<float, byte>(ref from), Lanes * sizeof(float));
}
