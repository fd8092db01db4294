using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using CitySafeSense.Numerics;

namespace CitySafeSense.Learning;

/// <summary>Pixels of zeros around an image that a window may look at.</summary>
internal readonly record struct Border(int Top, int Left, int Bottom, int Right)
{
    public Border Or(Border other) => new(Math.Max(Top, other.Top), Math.Max(Left, other.Left), Math.Max(Bottom, other.Bottom), Math.Max(Right, other.Right));
}

/// <summary>
/// What a layer makes, laid out for the kernels: pixel by pixel, the channels of a pixel side by side and padded to whole
/// vectors, with a border of zeros so that no window needs a branch.
/// </summary>
internal sealed class Image
{
    /// <summary>Channels and pixels that are moved at once.</summary>
    private const int Group = 4;

    private readonly AlignedFloats values;

    /// <param name="isPadded">False where nothing ever reads or writes whole vectors of channels: then taps that follow each other are one sum.</param>
    public Image(Shape shape, Border border, bool isPadded = true)
    {
        (Shape, Border) = (shape, border);
        Pixel = isPadded ? PaddedChannels(shape.Channels) : shape.Channels;
        Row = (border.Left + shape.Width + border.Right) * Pixel;
        Origin = border.Top * Row + border.Left * Pixel;
        values = new AlignedFloats((border.Top + shape.Height + border.Bottom) * Row);
    }

    public Shape Shape { get; }
    public Border Border { get; }

    /// <summary>Floats from one pixel to the next.</summary>
    public int Pixel { get; }

    /// <summary>Floats from one row of pixels to the next.</summary>
    public int Row { get; }

    /// <summary>Where the first pixel is.</summary>
    public int Origin { get; }

    /// <summary>All of it, border included.</summary>
    public Span<float> All => values.Span;

    /// <summary>Up to eight channels are one vector of eight, more are vectors of sixteen; the same on every processor.</summary>
    public static int PaddedChannels(int channels) => channels <= 8 ? 8 : (channels + 15) / 16 * 16;

    /// <summary>One float, counted from the beginning of the border.</summary>
    public ref float this[int at] => ref values[at];

    public int At(int y, int x) => Origin + y * Row + x * Pixel;

    /// <summary>The pixels of one row, padding of channels included.</summary>
    public Span<float> Pixels(int y) => All.Slice(At(y, 0), Shape.Width * Pixel);

    /// <summary>From [channels, height, width].</summary>
    public void Load(ReadOnlySpan<float> planes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(planes.Length, Shape.Length);
        // From the last channels to the first: where four of them reach into the next pixel, it is written after that.
        for (var c = (Shape.Channels - 1) / Group * Group; c >= 0; c -= Group)
            for (var y = 0; y < Shape.Height; y++)
            {
                ref var plane = ref Unsafe.Add(ref MemoryMarshal.GetReference(planes), (c * Shape.Height + y) * Shape.Width);
                ref var pixel = ref this[At(y, 0) + c];
                var x = 0;
                for (; x < Grouped(c); x += Group)
                {
                    var pixels = Transposition.Of(PlaneOr0(ref plane, c, 0, x), PlaneOr0(ref plane, c, 1, x), PlaneOr0(ref plane, c, 2, x), PlaneOr0(ref plane, c, 3, x));
                    pixels.First.StoreUnsafe(ref Unsafe.Add(ref pixel, x * Pixel));
                    pixels.Second.StoreUnsafe(ref Unsafe.Add(ref pixel, (x + 1) * Pixel));
                    pixels.Third.StoreUnsafe(ref Unsafe.Add(ref pixel, (x + 2) * Pixel));
                    pixels.Fourth.StoreUnsafe(ref Unsafe.Add(ref pixel, (x + 3) * Pixel));
                }
                for (; x < Shape.Width; x++)
                    for (var k = 0; k < Math.Min(Group, Shape.Channels - c); k++) Unsafe.Add(ref pixel, x * Pixel + k) = Unsafe.Add(ref plane, k * Shape.Height * Shape.Width + x);
            }
    }

    /// <summary>To [channels, height, width].</summary>
    public void Store(Span<float> planes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(planes.Length, Shape.Length);
        for (var c = 0; c < Shape.Channels; c += Group)
            for (var y = 0; y < Shape.Height; y++)
            {
                ref var plane = ref Unsafe.Add(ref MemoryMarshal.GetReference(planes), (c * Shape.Height + y) * Shape.Width);
                ref var pixel = ref this[At(y, 0) + c];
                var (x, next, count) = (0, Shape.Height * Shape.Width, Math.Min(Group, Shape.Channels - c));
                for (; x < Grouped(c); x += Group)
                {
                    ref var first = ref Unsafe.Add(ref pixel, x * Pixel);
                    ref var target = ref Unsafe.Add(ref plane, x);
                    var channels = Transposition.Of(
                        Vector128.LoadUnsafe(ref first), Vector128.LoadUnsafe(ref Unsafe.Add(ref first, Pixel)),
                        Vector128.LoadUnsafe(ref Unsafe.Add(ref first, 2 * Pixel)), Vector128.LoadUnsafe(ref Unsafe.Add(ref first, 3 * Pixel)));
                    channels.First.StoreUnsafe(ref target);
                    if (count > 1) channels.Second.StoreUnsafe(ref Unsafe.Add(ref target, next));
                    if (count > 2) channels.Third.StoreUnsafe(ref Unsafe.Add(ref target, 2 * next));
                    if (count > 3) channels.Fourth.StoreUnsafe(ref Unsafe.Add(ref target, 3 * next));
                }
                for (; x < Shape.Width; x++)
                    for (var k = 0; k < count; k++) Unsafe.Add(ref plane, k * next + x) = Unsafe.Add(ref pixel, x * Pixel + k);
            }
    }

    /// <summary>How many pixels of a row go four at a time, from channel c on: not the last one where four channels reach beyond a pixel, for the border stays zero.</summary>
    private int Grouped(int c) => (c + Group <= Pixel ? Shape.Width : Shape.Width - 1) / Group * Group;

    /// <summary>Four pixels of the plane that lies k after channel c.</summary>
    private Vector128<float> PlaneOr0(ref float plane, int c, int k, int x) =>
        c + k < Shape.Channels ? Vector128.LoadUnsafe(ref Unsafe.Add(ref plane, k * Shape.Height * Shape.Width + x)) : default;
}
