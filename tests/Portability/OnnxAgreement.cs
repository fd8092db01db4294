using CitySafeSense.Learning;
using CitySafeSense.OnnxRuntime;
using CitySafeSense.Science.Learning;

namespace CitySafeSense.Portability;

/// <summary>How far ONNX Runtime's eight bits are from ours on this processor: its kernels differ between processors, ours do not.</summary>
internal static class OnnxAgreement
{
    private const int Batch = 20;

    /// <summary>For every network the largest difference, in steps of the output's eight bits.</summary>
    public static IReadOnlyDictionary<string, double> Steps() => TestNetworks.All.Concat(TestNetworks.Wide).ToDictionary(name => name, StepsOf);

    private static double StepsOf(string name)
    {
        var network = TestNetworks.Named(name);
        var (examples, _) = TestNetworks.Random(network, Batch);
        var quantised = Quantiser.Quantise(network, TestNetworks.Randomised(network), examples, WeightRange.SevenBits);
        using var model = new OnnxModel(QuantisedOnnxExporter.Export(quantised), name);
        var theirs = model.Run([.. Enumerable.Range(0, Batch).SelectMany(row => examples.Input(row).ToArray())], network.Loss is CrossEntropy ? "logits" : "reconstruction");
        var (ours, apart) = (new float[network.Outputs], 0.0);
        for (var row = 0; row < Batch; row++)
        {
            quantised.Infer(examples.Input(row), ours);
            for (var i = 0; i < ours.Length; i++) apart = Math.Max(apart, Math.Abs(ours[i] - theirs[row * ours.Length + i]) / quantised.Output.Scale);
        }
        return Math.Round(apart, 2);
    }
}
