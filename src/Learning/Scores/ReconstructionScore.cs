namespace CitySafeSense.Learning;

/// <summary>How badly an autoencoder repeats an image, in several ways; all are 0 where it repeats it exactly.</summary>
/// <param name="Mean">Mean squared difference.</param>
/// <param name="WorstPatch">The same of the worst of 8 x 8 patches: something small that is wrong is not lost in a large image that is right.</param>
/// <param name="WorstSixteenth">The same of the worst sixteenth of 16 x 16 patches, wherever they lie: a person, not a pixel and not the room.</param>
/// <param name="Dissimilarity">1 less the mean structural similarity over windows of 8 x 8 pixels (Wang et al. 2004, equation 13; constants 0.01 and 0.03): blind to brightness, not to form.</param>
/// <param name="Change">Mean squared difference between what is wrong now and what was wrong in the image before; 0 for the first.</param>
public readonly record struct ReconstructionScore(double Mean, double WorstPatch, double WorstSixteenth, double Dissimilarity, double Change)
{
    private const int Coarse = 8, Fine = 16, Side = 8;
    private const double C1 = 0.01 * 0.01, C2 = 0.03 * 0.03;

    /// <param name="before">What was wrong in the image before: what came out less what went in.</param>
    /// <param name="wrong">Is given what is wrong in this one.</param>
    public static ReconstructionScore Of(ReadOnlySpan<float> input, ReadOnlySpan<float> output, Shape shape, ReadOnlySpan<float> before, Span<float> wrong)
    {
        if (input.Length != shape.Length || output.Length != shape.Length || wrong.Length != shape.Length || (before.Length != 0 && before.Length != shape.Length))
            throw new ArgumentException($"an image of {shape} has {shape.Length} numbers");
        var (sum, change) = (0.0, 0.0);
        for (var i = 0; i < input.Length; i++)
        {
            wrong[i] = output[i] - input[i];
            sum += (double)wrong[i] * wrong[i];
            if (before.Length > 0) change += (wrong[i] - before[i]) * (wrong[i] - before[i]);
        }
        return new(sum / input.Length, Patches(wrong, shape, Coarse).Max(), Worst(Patches(wrong, shape, Fine)), 1 - Similarity(input, output, shape), change / input.Length);
    }

    /// <summary>The mean of the worst sixteenth of them.</summary>
    private static double Worst(double[] patches)
    {
        Array.Sort(patches);
        return patches.AsSpan(patches.Length - Math.Max(1, patches.Length / 16)).ToArray().Average();
    }

    /// <summary>Mean squares of patches, so many in a row and in a column; of smaller images a patch is a pixel.</summary>
    private static double[] Patches(ReadOnlySpan<float> wrong, Shape shape, int side)
    {
        var (rows, columns) = (Math.Min(side, shape.Height), Math.Min(side, shape.Width));
        var patches = new double[rows * columns];
        for (var patch = 0; patch < patches.Length; patch++)
        {
            var (row, column) = (patch / columns, patch % columns);
            var (top, bottom, left, right) = (row * shape.Height / rows, (row + 1) * shape.Height / rows, column * shape.Width / columns, (column + 1) * shape.Width / columns);
            var sum = 0.0;
            for (var channel = 0; channel < shape.Channels; channel++)
                for (var y = top; y < bottom; y++)
                    for (var x = left; x < right; x++)
                    {
                        double d = wrong[(channel * shape.Height + y) * shape.Width + x];
                        sum += d * d;
                    }
            patches[patch] = sum / (shape.Channels * (bottom - top) * (right - left));
        }
        return patches;
    }

    private static double Similarity(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Shape shape)
    {
        var (sum, windows) = (0.0, 0);
        for (var channel = 0; channel < shape.Channels; channel++)
            for (var top = 0; top + Side <= shape.Height; top += Side / 2)
                for (var left = 0; left + Side <= shape.Width; left += Side / 2, windows++)
                    sum += Similarity(a, b, (channel * shape.Height + top) * shape.Width + left, shape.Width);
        return windows == 0 ? 1 : sum / windows;
    }

    private static double Similarity(ReadOnlySpan<float> a, ReadOnlySpan<float> b, int at, int width)
    {
        const double n = Side * Side;
        var (sa, sb, saa, sbb, sab) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for (var y = 0; y < Side; y++)
            for (var x = 0; x < Side; x++)
            {
                double p = a[at + y * width + x], q = b[at + y * width + x];
                (sa, sb, saa, sbb, sab) = (sa + p, sb + q, saa + p * p, sbb + q * q, sab + p * q);
            }
        var (ma, mb) = (sa / n, sb / n);
        var (va, vb, cov) = (saa / n - ma * ma, sbb / n - mb * mb, sab / n - ma * mb);
        return (2 * ma * mb + C1) * (2 * cov + C2) / ((ma * ma + mb * mb + C1) * (va + vb + C2));
    }
}
