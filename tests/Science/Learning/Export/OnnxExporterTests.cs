using CitySafeSense.Learning;
using CitySafeSense.OnnxRuntime;

namespace CitySafeSense.Science.Learning.Export;

/// <summary>What is exported, run by ONNX Runtime, beside our own inference.</summary>
public class OnnxExporterTests
{
    public static TheoryData<string> Names => TestNetworks.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void Onnx_runtime_gives_the_same_outputs(string name)
    {
        const int Batch = 5;
        var network = TestNetworks.Named(name);
        var weights = TestNetworks.Randomised(network);
        var (examples, _) = TestNetworks.Random(network, Batch);
        using var model = new OnnxModel(OnnxExporter.Export(network, weights), name);
        Assert.Equal(network.InputLength, model.InputLength);
        float[] inputs = [.. Enumerable.Range(0, Batch).SelectMany(row => examples.Input(row).ToArray())];
        var isClassifier = network.Loss is CrossEntropy;
        Assert.Equal(isClassifier ? ["logits", "probabilities"] : ["reconstruction"], model.Outputs);
        var theirs = model.Run(inputs, isClassifier ? "logits" : "reconstruction");
        var probabilities = isClassifier ? model.Run(inputs, "probabilities") : [];
        Assert.Equal(Batch * network.Outputs, theirs.Length);
        var (workspace, ours) = (network.CreateWorkspace(), new float[network.Outputs]);
        for (var row = 0; row < Batch; row++)
        {
            network.Infer(weights, examples.Input(row), workspace, ours);
            var size = ours.Max(Math.Abs);
            for (var i = 0; i < ours.Length; i++) Assert.Equal(ours[i], theirs[row * ours.Length + i], 1e-4 * size);
            if (!isClassifier) continue;
            Softmax.Apply(ours);
            for (var i = 0; i < ours.Length; i++) Assert.Equal(ours[i], probabilities[row * ours.Length + i], 1e-5);
        }
    }

    [Fact]
    public void Bytes_that_are_no_model_and_inputs_that_do_not_fit_are_refused_by_name()
    {
        Assert.Contains("junk.onnx", Assert.Throws<InvalidDataException>(() => new OnnxModel([1, 2, 3], "junk.onnx")).Message);
        var network = TestNetworks.Named("linear");
        Assert.Contains("parameters", Assert.Throws<ArgumentException>(() => OnnxExporter.Export(network, new float[3])).Message);
        using var model = new OnnxModel(OnnxExporter.Export(network, network.Initialise(1)), "linear.onnx");
        Assert.Contains("takes inputs of 37", Assert.Throws<ArgumentException>(() => model.Run(new float[38], "logits")).Message);
        Assert.Contains("there are logits, probabilities", Assert.Throws<ArgumentException>(() => model.Run(new float[37], "scores")).Message);
    }
}
