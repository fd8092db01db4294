using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

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

    public LaneImage(Shape shape, Border border)
    {
        Shape = shape;
        Plane = (border.Left + shape.Width + border.Right) * Lanes;
        Row = shape.Channels * Plane;
        Origin = border.Top * Row + border.Left * Lanes;
        values = new AlignedFloats((border.Top + shape.Height + border.Bottom) * Row);
    }

    public Shape Shape { get; }

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

    public int At(int y, int channel) => Origin + y * Row + channel * Plane;

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
            var (va, vb, vc, vd) = (Vector128.Create(a[x..]), Vector128.Create(b[x..]), Vector128.Create(c[x..]), Vector128.Create(d[x..]));
            var (ac, bd) = (Zip(va, vc), Zip(vb, vd));
            var (first, last) = (Zip(ac.Low, bd.Low), Zip(ac.High, bd.High));
            first.Low.CopyTo(lanes[(x * Lanes)..]);
            first.High.CopyTo(lanes[((x + 1) * Lanes)..]);
            last.Low.CopyTo(lanes[((x + 2) * Lanes)..]);
            last.High.CopyTo(lanes[((x + 3) * Lanes)..]);
        }
        for (; x < a.Length; x++) (lanes[x * Lanes], lanes[x * Lanes + 1], lanes[x * Lanes + 2], lanes[x * Lanes + 3]) = (a[x], b[x], c[x], d[x]);
    }

    /// <summary>a0 b0 a1 b1 and a2 b2 a3 b3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector128<float> Low, Vector128<float> High) Zip(Vector128<float> a, Vector128<float> b) =>
        Sse.IsSupported ? (Sse.UnpackLow(a, b), Sse.UnpackHigh(a, b))
        : AdvSimd.Arm64.IsSupported ? (AdvSimd.Arm64.ZipLow(a, b), AdvSimd.Arm64.ZipHigh(a, b))
        : (Vector128.Create(a[0], b[0], a[1], b[1]), Vector128.Create(a[2], b[2], a[3], b[3]));

    /// <summary>Sixteen floats from one place to another.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Copy(ref float from, ref float to) =>
        Unsafe.CopyBlockUnaligned(ref Unsafe.As<float, byte>(ref to), ref Unsafe.As<float, byte>(ref from), Lanes * sizeof(float));
}
