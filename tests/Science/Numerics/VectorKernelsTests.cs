using CitySafeSense.Numerics;

namespace CitySafeSense.Science.Numerics;

public class VectorKernelsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(1000)]
    public void Dot_and_scaled_addition_agree_with_the_plain_loop(int length)
    {
        var rng = new Rng((ulong)length);
        float[] x = [.. Enumerable.Range(0, length).Select(_ => (float)rng.Gaussian())];
        float[] y = [.. Enumerable.Range(0, length).Select(_ => (float)rng.Gaussian())];
        Assert.Equal(x.Zip(y, (a, b) => (double)a * b).Sum(), VectorKernels.Dot(x, y), 1e-3);
        float[] expected = [.. x.Zip(y, (a, b) => b + 0.5f * a)];
        VectorKernels.AddScaled(0.5f, x, y);
        for (var i = 0; i < length; i++) Assert.Equal(expected[i], y[i], 1e-6f);
    }

    [Fact]
    public void Lanes_are_summed_as_one_fixed_tree()
    {
        float[] lanes = [.. Enumerable.Range(0, 16).Select(i => MathF.Pow(10, i % 8 - 4) * (i + 1))];
        var tree = (float[])lanes.Clone();
        for (var half = 8; half >= 1; half /= 2)
            for (var i = 0; i < half; i++) tree[i] += tree[i + half];
        Assert.Equal(tree[0], VectorKernels.SumLanes(System.Runtime.Intrinsics.Vector512.Create<float>(lanes)));
    }
}
