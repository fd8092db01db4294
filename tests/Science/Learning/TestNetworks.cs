using CitySafeSense.Benchmarks.Learning;
using CitySafeSense.Learning;
using CitySafeSense.Numerics;

namespace CitySafeSense.Science.Learning;

/// <summary>Networks by name, so that a failure says which: every model of ours, and what only a user's may have.</summary>
internal static class TestNetworks
{
    private static readonly Dictionary<string, Func<Network>> networks = new()
    {
        ["tcn"] = () => Tcn.Build(TcnOptions.Default(14, 100, 7)),
        ["tcn of the peers"] = () => PeerModels.A,
        ["tcn as wide as its input"] = () => Tcn.Build(new TcnOptions(4, 20, 3, 4, 3, [1, 2], 3), [1, 2, 0.5]),
        ["tcn of one tap"] = () => Tcn.Build(new TcnOptions(5, 7, 3, 12, 1, [1], 1)),
        ["mlp"] = () => Mlp.Build(30, [20, 9], 4),
        ["linear"] = () => LinearClassifier.Build(37, 5),
        ["simple autoencoder"] = () => Autoencoders.Simple(16),
        ["micro autoencoder"] = () => Autoencoders.Micro(16),
        ["bottleneck autoencoder"] = () => Autoencoders.Bottleneck(16),
        ["micro bottleneck autoencoder"] = () => Autoencoders.MicroBottleneck(16),
        ["strided autoencoder"] = () => PeerModels.Strided(16),
        ["overlapping windows, uneven padding"] = Uneven,
        ["many channels, tiles that end anywhere"] = ManyChannels,
        ["example used by several layers, a branch that nobody uses"] = Branches,
    };

    /// <summary>Networks of the catalogue, wide and narrow, over odd numbers of samples and with several dilations.</summary>
    private static readonly Dictionary<string, Func<Network>> wide = new[] { 8, 12, 16, 24, 32, 40, 48, 64, 80, 96 }
        .SelectMany(width => new[] { (Samples: 37, Dilations: "1+2+4+8"), (Samples: 100, Dilations: "1+3+16") }, (width, window) =>
            (Name: $"tcn of width {width} on {window.Samples} samples", Window: window, Width: width))
        .ToDictionary(t => t.Name, t => new Func<Network>(() => ModelCatalogue.Named("tcn").Build(new ModelRequest(
            new Shape(7, 1, t.Window.Samples), 3, ModelRequest.ParseSettings($"width={t.Width} dilations={t.Window.Dilations} convolutions={1 + t.Window.Samples % 2}")))));

    public static IReadOnlyCollection<string> All => networks.Keys;

    public static IReadOnlyCollection<string> Wide => wide.Keys;

    public static TheoryData<string> Names => [.. networks.Keys];

    public static Network Named(string name) => (networks.GetValueOrDefault(name) ?? wide[name])();

    /// <summary>Biases are not zero here, or nothing would be seen of them.</summary>
    public static float[] Randomised(Network network)
    {
        var (weights, rng) = (network.Initialise(1), new Rng(9));
        return [.. weights.Select(w => w + (float)rng.Gaussian(0, 0.05))];
    }

    public static (Examples Examples, int[] Rows) Random(Network network, int rows)
    {
        var rng = new Rng(5);
        float[] inputs = [.. Enumerable.Range(0, rows * network.InputLength).Select(_ => (float)rng.Gaussian())];
        return (new Examples(inputs, [.. Enumerable.Range(0, rows).Select(r => r % Math.Min(3, network.Outputs))], network.InputLength), [.. Enumerable.Range(0, rows)]);
    }

    private static Network Uneven()
    {
        var network = new NetworkBuilder(new Shape(2, 9, 11));
        var x = network.Convolution("a", network.Input, 9, new Window(3, 2, 2, 3, 2, 1, 0, 3), Activation.Logistic);
        x = network.Depthwise("b", x, new Window(2, 3, 1, 2, 1, 0, 1, 4), Activation.Relu);
        x = network.TransposedConvolution("c", x, 17, new Window(3, 2, 1, 2, 1, 1, 0, 0), 0, Activation.None);
        x = network.Convolution("d", x, 5, new Window(2, 2, 3, 1, 0, 0, 1, 1), Activation.Relu);
        network.Dense("head", network.GlobalAverage("mean", x), 3, Activation.None);
        return network.Build("uneven", new CrossEntropy(), (_, fanIn) => Math.Sqrt(2.0 / fanIn));
    }

    /// <summary>What minimal filtering serves: rows of taps, dilation, padding on one side or both, a layer that several need, fewer outputs than a vector.</summary>
    private static Network ManyChannels()
    {
        var network = new NetworkBuilder(new Shape(3, 6, 13));
        var x = network.Convolution("in", network.Input, 24, Window.Point, Activation.Relu);
        var a = network.Convolution("a", x, 17, new Window(3, 3, 1, 1, 2, 1, 0, 1), Activation.Relu);
        var b = network.Convolution("b", x, 17, new Window(2, 3, 1, 3, 0, 4, 0, 2), Activation.Logistic);
        x = network.Sum("sum", network.Convolution("a2", a, 17, new Window(2, 3, 1, 1, 0, 2, 0, 0), Activation.None), network.Convolution("b2", b, 17, new Window(2, 3, 1, 2, 0, 2, 1, 2), Activation.None), Activation.Relu);
        x = network.Convolution("last", x, 16, new Window(1, 3, 1, 2, 0, 0, 0, 1), Activation.None);
        network.Dense("head", network.GlobalAverage("mean", x), 3, Activation.None);
        return network.Build("many", new CrossEntropy(), (_, fanIn) => Math.Sqrt(2.0 / fanIn));
    }

    private static Network Branches()
    {
        var network = new NetworkBuilder(new Shape(6, 4, 4));
        var c = network.Convolution("c", network.Input, 6, Window.Square(2, 3, 0), Activation.Relu);
        network.Convolution("unused", c, 3, Window.Point, Activation.Relu);
        var m = network.GlobalAverage("m", c);
        var twice = network.Sum("twice", m, m, Activation.None);
        var pooled = network.GlobalAverage("pooled", network.MaxPool("pool", network.Input));
        var mean = network.GlobalAverage("g", network.Input);
        var sum = network.Sum("s", network.Sum("s1", twice, pooled, Activation.Relu), mean, Activation.None);
        network.Dense("head", sum, 3, Activation.None);
        return network.Build("branches", new CrossEntropy(), (_, fanIn) => Math.Sqrt(2.0 / fanIn));
    }
}
