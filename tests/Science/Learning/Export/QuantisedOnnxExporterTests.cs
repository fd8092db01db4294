using CitySafeSense.Learning;
using CitySafeSense.OnnxRuntime;

namespace CitySafeSense.Science.Learning.Export;

public class QuantisedOnnxExporterTests
{
    public static TheoryData<string> Names => TestNetworks.Names;

    /// <summary>Not the same bits: ONNX Runtime rounds in floating point. But the same numbers, to a step or two of the output's eight bits.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Onnx_runtime_and_our_integers_agree(string name)
    {
        const int Batch = 20;
        var network = TestNetworks.Named(name);
        var weights = TestNetworks.Randomised(network);
        var (examples, _) = TestNetworks.Random(network, Batch);
        var quantised = Quantiser.Quantise(network, weights, examples, WeightRange.SevenBits);
        using var model = new OnnxModel(QuantisedOnnxExporter.Export(quantised), name);
        var theirs = model.Run([.. Enumerable.Range(0, Batch).SelectMany(row => examples.Input(row).ToArray())], network.Loss is CrossEntropy ? "logits" : "reconstruction");
        var (workspace, ours, real) = (network.CreateWorkspace(), new float[network.Outputs], new float[network.Outputs]);
        double apart = 0, errors = 0, size = 0;
        for (var row = 0; row < Batch; row++)
        {
            quantised.Infer(examples.Input(row), ours);
            network.Infer(weights, examples.Input(row), workspace, real);
            for (var i = 0; i < ours.Length; i++)
            {
                apart = Math.Max(apart, Math.Abs(ours[i] - theirs[row * ours.Length + i]) / quantised.Output.Scale);
                errors += (ours[i] - real[i]) * (ours[i] - real[i]);
                size += real[i] * real[i];
            }
        }
        Assert.InRange(apart, 0, 3.01);
        Assert.InRange(Math.Sqrt(errors / size), 1e-5, 0.1);
    }

    [Fact]
    public void Weights_of_eight_bits_are_refused_by_name()
    {
        var network = TestNetworks.Named("linear");
        var quantised = Quantiser.Quantise(network, TestNetworks.Randomised(network), TestNetworks.Random(network, 8).Examples);
        Assert.Contains("seven bits", Assert.Throws<ArgumentException>(() => QuantisedOnnxExporter.Export(quantised)).Message);
    }

    /// <summary>vpmaddubsw adds two products of an activation up to 255 and a weight in 16 bits.</summary>
    [Fact]
    public void Two_products_of_seven_bit_weights_fit_into_sixteen_bits()
    {
        Assert.InRange(2 * 255 * (int)WeightRange.SevenBits, 0, short.MaxValue);
        foreach (var name in TestNetworks.All)
        {
            var network = TestNetworks.Named(name);
            var quantised = Quantiser.Quantise(network, TestNetworks.Randomised(network), TestNetworks.Random(network, 8).Examples, WeightRange.SevenBits);
            var weights = quantised.Layers.OfType<QuantisedConvolution>().SelectMany(c => c.Weights).Select(w => Math.Abs((int)w)).ToArray();
            Assert.Equal((int)WeightRange.SevenBits, weights.Max());
        }
    }

    [Fact]
    public void Weights_are_stored_in_a_quarter_of_the_bytes()
    {
        var network = TestNetworks.Named("tcn of the peers");
        var (weights, (examples, _)) = (TestNetworks.Randomised(network), TestNetworks.Random(network, 8));
        var quantised = Quantiser.Quantise(network, weights, examples, WeightRange.SevenBits);
        var weightBytes = quantised.Layers.OfType<QuantisedConvolution>().Sum(c => c.Weights.Length);
        Assert.True(4.0 * network.Layout.Tensors.Where(t => t.Shape.Count > 1).Sum(t => t.Length) / weightBytes >= 3.5);
        Assert.True(QuantisedOnnxExporter.Export(quantised).Length < OnnxExporter.Export(network, weights).Length / 2);
    }

    [Fact]
    public void Quantisation_covers_the_range_and_zero_exactly()
    {
        foreach (var (low, high) in new[] { (-1f, 1f), (0f, 6f), (-3f, 0f), (0.5f, 2f), (-1e-3f, 40f), (0f, 0f) })
        {
            var units = AffineQuantisation.Covering(low, high);
            Assert.Equal(0, units.Dequantise(units.Quantise(0)));
            Assert.Equal(high, units.Dequantise(units.Quantise(high)), 0.51f * units.Scale);
            Assert.Equal(Math.Min(low, 0), units.Dequantise(units.Quantise(Math.Min(low, 0))), 0.51f * units.Scale);
            Assert.Equal(0, units.Dequantise(units.Quantise(float.NaN)));
            Assert.Equal(127, units.Quantise(float.PositiveInfinity));
            Assert.Equal(-128, units.Quantise(float.NegativeInfinity));
        }
    }

    [Fact]
    public void Fixed_point_factors_multiply_to_the_nearest_integer()
    {
        foreach (var factor in new[] { 0, 1e-12, 3.7e-6, 0.0123, 0.25, 0.5, 0.999999, 1, 1.5, 77 })
            foreach (var value in new[] { 0, 1, -1, 2, -3, 127, -128, 99_999, -1_234_567, 8_000_000 })
            {
                var exact = factor * value;
                Assert.InRange(FixedPointFactor.Of(factor).Apply(value) - exact, -0.5 - 1e-6 * Math.Abs(exact) - 1e-9, 0.5 + 1e-6 * Math.Abs(exact) + 1e-9);
            }
        Assert.Equal(2, FixedPointFactor.Of(0.5).Apply(3)); // halves away from zero
        Assert.Equal(-2, FixedPointFactor.Of(0.5).Apply(-3));
        Assert.Throws<ArgumentOutOfRangeException>(() => FixedPointFactor.Of(double.NaN));
    }
}
