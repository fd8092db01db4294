namespace CitySafeSense.Learning;

/// <summary>Dense layers with ReLU between them.</summary>
public static class Mlp
{
    /// <param name="hidden">Outputs of each layer but the last.</param>
    public static Network Build(int inputs, IReadOnlyList<int> hidden, int classes, IReadOnlyList<double>? classWeights = null)
    {
        var network = new NetworkBuilder(new Shape(inputs, 1, 1));
        var x = network.Input;
        for (var i = 0; i < hidden.Count; i++) x = network.Dense($"fc{i + 1}", x, hidden[i], Activation.Relu);
        network.Dense("head", x, classes, Activation.None);
        // He et al. 2015 before a ReLU, half of it before the logits.
        return network.Build("mlp", new CrossEntropy(classWeights), (layer, fanIn) => Math.Sqrt((layer == "head" ? 1.0 : 2.0) / fanIn));
    }
}
