namespace CitySafeSense.Learning;

/// <summary>Logistic regression: the baseline that anything deeper has to beat.</summary>
public static class LinearClassifier
{
    /// <summary>Starts at zero: the loss is convex, so a seed has nothing to decide.</summary>
    public static Network Build(int inputs, int classes, IReadOnlyList<double>? classWeights = null)
    {
        var network = new NetworkBuilder(new Shape(inputs, 1, 1));
        network.Dense("head", network.Input, classes, Activation.None);
        return network.Build("linear", new CrossEntropy(classWeights), (_, _) => 0);
    }
}
