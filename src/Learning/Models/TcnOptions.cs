namespace CitySafeSense.Learning;

/// <summary>The shape of a temporal convolutional network (Bai, Kolter and Koltun 2018).</summary>
/// <param name="Width">Filters of every block; multiples of 16 use all of the vector registers.</param>
/// <param name="Dilations">One residual block for each.</param>
/// <param name="ConvolutionsPerBlock">Convolutions within one residual.</param>
public sealed record TcnOptions(
    int Channels, int Samples, int Classes, int Width, int Kernel, IReadOnlyList<int> Dilations, int ConvolutionsPerBlock)
{
    /// <summary>The default for windows of 100 samples: sees the whole window, with fewer parameters than the prototype's 15,387.</summary>
    public static TcnOptions Default(int channels, int samples, int classes) => new(channels, samples, classes, 24, 3, [1, 2, 4, 8, 16, 32], 1);

    /// <summary>Samples that the last output depends on.</summary>
    public int ReceptiveField => 1 + ConvolutionsPerBlock * (Kernel - 1) * Dilations.Sum();

    /// <exception cref="ArgumentException">Names the setting and the range allowed.</exception>
    public void Validate()
    {
        Require(Channels is >= 1 and <= 256, nameof(Channels), "1 to 256");
        Require(Samples is >= 1 and <= 4096, nameof(Samples), "1 to 4096");
        Require(Classes is >= 2 and <= 1024, nameof(Classes), "2 to 1024");
        Require(Width is >= 1 and <= 256, nameof(Width), "1 to 256");
        Require(Kernel is >= 1 and <= 16, nameof(Kernel), "1 to 16");
        Require(ConvolutionsPerBlock is >= 1 and <= 4, nameof(ConvolutionsPerBlock), "1 to 4");
        Require(Dilations.Count is >= 1 and <= 16 && Dilations.All(d => d is >= 1 and <= 1024), nameof(Dilations), "1 to 16 blocks of dilation 1 to 1024");
    }

    private static void Require(bool holds, string setting, string range)
    {
        if (!holds) throw new ArgumentException($"Tcn: {setting} must be {range}");
    }
}
