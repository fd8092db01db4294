using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

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
        ref var plane = ref MemoryMarshal.GetReference(planes);
        for (var c = 0; c < Shape.Channels; c++)
            for (var y = 0; y < Shape.Height; y++)
            {
                ref var pixel = ref this[At(y, 0) + c];
                for (var x = 0; x < Shape.Width; x++)
                {
                    pixel = plane;
                    plane = ref Unsafe.Add(ref plane, 1);
                    pixel = ref Unsafe.Add(ref pixel, Pixel);
                }
            }
    }

    /// <summary>To [channels, height, width].</summary>
    public void Store(Span<float> planes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(planes.Length, Shape.Length);
        ref var plane = ref MemoryMarshal.GetReference(planes);
        for (var c = 0; c < Shape.Channels; c++)
            for (var y = 0; y < Shape.Height; y++)
            {
                ref var pixel = ref this[At(y, 0) + c];
                for (var x = 0; x < Shape.Width; x++)
                {
                    plane = pixel;
                    plane = ref Unsafe.Add(ref plane, 1);
                    pixel = ref Unsafe.Add(ref pixel, Pixel);
                }
            }
    }
}
