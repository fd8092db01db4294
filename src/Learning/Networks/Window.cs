namespace CitySafeSense.Learning;

/// <summary>Which pixels a convolution sees: tap (h, w) of output (y, x) is input (y stride + h - top, x stride + w dilation - left).</summary>
/// <param name="Dilation">Between taps, along the width.</param>
public sealed record Window(int Height, int Width, int Stride, int Dilation, int Top, int Left, int Bottom, int Right)
{
    /// <summary>One pixel.</summary>
    public static Window Point { get; } = new(1, 1, 1, 1, 0, 0, 0, 0);

    /// <summary>Taps of a signal, the last one at the present, nothing of the future.</summary>
    public static Window Causal(int kernel, int dilation) => new(1, kernel, 1, dilation, 0, (kernel - 1) * dilation, 0, 0);

    /// <summary>A square with as much padding on each side.</summary>
    public static Window Square(int kernel, int stride, int padding) => new(kernel, kernel, stride, 1, padding, padding, padding, padding);

    public int Taps => Height * Width;

    /// <summary>What a convolution makes of an input.</summary>
    public Shape Convolve(Shape input, int channels) => new(channels,
        Steps(input.Height + Top + Bottom - Height),
        Steps(input.Width + Left + Right - (Width - 1) * Dilation - 1));

    /// <summary>What a transposed convolution makes of one.</summary>
    public Shape Expand(Shape input, int channels, int extra) => new(channels,
        (input.Height - 1) * Stride - Top - Bottom + Height + extra,
        (input.Width - 1) * Stride - Left - Right + (Width - 1) * Dilation + 1 + extra);

    /// <exception cref="ArgumentException">No pixel can be seen through it; says of which layer and why.</exception>
    public void Validate(string layer)
    {
        Require(Height >= 1 && Width >= 1 && Stride >= 1 && Dilation >= 1, "has at least one tap, a stride and a dilation of at least 1");
        Require(Top >= 0 && Left >= 0 && Bottom >= 0 && Right >= 0, "is padded by 0 pixels or more");
        Require(Top < Height && Bottom < Height && Left <= (Width - 1) * Dilation && Right <= (Width - 1) * Dilation, "sees at least one pixel wherever it lies: its padding is smaller than itself");

        void Require(bool holds, string rule)
        {
            if (!holds) throw new ArgumentException($"{layer}: a window {rule}, not {this}");
        }
    }

    private int Steps(int room) => room < 0 ? 0 : room / Stride + 1;
}
