namespace CitySafeSense.Learning;

/// <summary>
/// A causal dilated network over a window: residual blocks of convolutions and ReLU, the mean over time, one linear layer.
/// No batch norm (docs/decisions): a client's windows must not leak into another's through running statistics; the residual
/// branches start small instead, after Zhang, Dauphin and Ma (2019).
/// </summary>
public static class Tcn
{
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public static Network Build(TcnOptions options, IReadOnlyList<double>? classWeights = null)
    {
        options.Validate();
        var network = new NetworkBuilder(new Shape(options.Channels, 1, options.Samples));
        var x = network.Input;
        for (var b = 0; b < options.Dilations.Count; b++)
        {
            var window = Window.Causal(options.Kernel, options.Dilations[b]);
            var branch = x;
            for (var c = 0; c < options.ConvolutionsPerBlock; c++)
                branch = network.Convolution($"block{b}.conv{c}", branch, options.Width, window, c == options.ConvolutionsPerBlock - 1 ? Activation.None : Activation.Relu);
            var skip = network.ShapeOf(x).Channels == options.Width ? x : network.Convolution($"block{b}.skip", x, options.Width, Window.Point, Activation.None);
            x = network.Sum($"block{b}", branch, skip, Activation.Relu);
        }
        network.Dense("head", network.GlobalAverage("mean", x), options.Classes, Activation.None);
        return network.Build("tcn", new CrossEntropy(classWeights), (layer, fanIn) => Deviation(options, layer, fanIn));
    }

    /// <summary>He's normal initialisation; the last convolution of a block is divided by the root of the number of blocks, so that the residual sum keeps its size.</summary>
    private static double Deviation(TcnOptions options, string layer, int fanIn)
    {
        if (layer == "head" || layer.EndsWith("skip", StringComparison.Ordinal)) return Math.Sqrt(1.0 / fanIn);
        var isLast = layer.EndsWith($"conv{options.ConvolutionsPerBlock - 1}", StringComparison.Ordinal);
        return Math.Sqrt(2.0 / fanIn) * (isLast ? 1 / Math.Sqrt(options.Dilations.Count) : 1);
    }
}
