using System.Text.Json.Nodes;
using CitySafeSense.Learning;
using CitySafeSense.OnnxRuntime;

namespace CitySafeSense.Benchmarks.Learning;

/// <summary>ONNX Runtime on model A as we export it, on one thread: windows per second.</summary>
internal static class OnnxMeasures
{
    public static JsonObject All()
    {
        var network = PeerModels.A;
        var weights = network.Initialise(1);
        var (examples, _) = LearningMeasures.Random(network, 64);
        using var real = new OnnxModel(OnnxExporter.Export(network, weights), "A");
        using var integer = new OnnxModel(QuantisedOnnxExporter.Export(Quantiser.Quantise(network, weights, examples, WeightRange.SevenBits)), "A in eight bits");
        return new JsonObject
        {
            ["version"] = OnnxModel.RuntimeVersion,
            ["float 1"] = Rate(real, examples, 1),
            ["float 32"] = Rate(real, examples, 32),
            ["int8 1"] = Rate(integer, examples, 1),
            ["int8 32"] = Rate(integer, examples, 32),
        };
    }

    private static double Rate(OnnxModel model, Examples examples, int batch)
    {
        float[] inputs = [.. Enumerable.Range(0, batch).SelectMany(row => examples.Input(row).ToArray())];
        return batch * LearningMeasures.Rate(() => model.Run(inputs, "logits"));
    }
}
