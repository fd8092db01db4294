namespace CitySafeSense.Learning;

/// <summary>A kind of autoencoder, and how it wants to see an image.</summary>
/// <param name="Size">Pixels of a side, usually.</param>
/// <param name="IsStandardised">Each colour of each image is brought to mean 0 and deviation 1 first; otherwise values are 0 to 1.</param>
/// <param name="Build">From the pixels of a side.</param>
public sealed record Autoencoder(string Name, string Description, int Size, bool IsStandardised, Func<int, Network> Build);

/// <summary>Networks that learn to repeat ordinary images; what they repeat badly is out of the ordinary.</summary>
public static class Autoencoders
{
    /// <summary>The first two are as small networks of this kind usually are. The others see what has no brightness of its own, and must press it through few numbers: what is unusual does not fit through.</summary>
    public static IReadOnlyList<Autoencoder> All { get; } =
    [
        new("simple-autoencoder", "for images on a Raspberry Pi (3 x 64 x 64)", 64, false, Simple),
        new("micro-autoencoder", "for images on a microcontroller (3 x 32 x 32)", 32, false, Micro),
        new("bottleneck-autoencoder", "for images on a Raspberry Pi (3 x 64 x 64, standardised), through 128 numbers", 64, true, Bottleneck),
        new("micro-bottleneck-autoencoder", "for images on a microcontroller (3 x 32 x 32, standardised), through 96 numbers", 32, true, MicroBottleneck),
    ];

    /// <exception cref="ArgumentException">None is called so.</exception>
    public static Autoencoder Named(string name) =>
        All.FirstOrDefault(a => a.Name == name) ?? throw new ArgumentException($"\"{name}\" is no autoencoder; there is {string.Join(", ", All.Select(a => a.Name))}");

    /// <summary>For a Raspberry Pi: 64 x 64, 7,987 parameters; two convolutions with pooling down to 16 channels of 16 x 16 and two transposed ones back.</summary>
    public static Network Simple(int size = 64)
    {
        var network = new NetworkBuilder(new Shape(3, size, size));
        var x = network.Convolution("encoder.conv1", network.Input, 32, Window.Square(3, 1, 1), Activation.Relu);
        x = network.MaxPool("encoder.pool1", x);
        x = network.Convolution("encoder.conv2", x, 16, Window.Square(3, 1, 1), Activation.Relu);
        x = network.MaxPool("encoder.pool2", x);
        x = network.TransposedConvolution("decoder.up1", x, 32, Window.Square(2, 2, 0), 0, Activation.Relu);
        network.TransposedConvolution("decoder.up2", x, 3, Window.Square(2, 2, 0), 0, Activation.Logistic);
        return network.Build("simple-autoencoder", new ReconstructionError(), HeInitialisation);
    }

    /// <summary>For a microcontroller: 32 x 32, 577 parameters; depthwise separable convolutions down to 8 channels of 8 x 8.</summary>
    public static Network Micro(int size = 32)
    {
        var network = new NetworkBuilder(new Shape(3, size, size));
        var x = Separable(network, network.Input, 1, "encoder.point1", 8, Activation.Relu);
        x = Separable(network, x, 2, "encoder.point2", 8, Activation.Relu);
        x = network.TransposedConvolution("decoder.up1", x, 8, Window.Square(2, 2, 0), 0, Activation.Relu);
        network.TransposedConvolution("decoder.up2", x, 3, Window.Square(2, 2, 0), 0, Activation.Logistic);
        return network.Build("micro-autoencoder", new ReconstructionError(), HeInitialisation);
    }

    /// <summary>For a Raspberry Pi: 64 x 64, 19,083 parameters; four convolutions of stride 2 down to 8 channels of 4 x 4 and four transposed ones back.</summary>
    public static Network Bottleneck(int size = 64)
    {
        var network = new NetworkBuilder(new Shape(3, size, size));
        var x = network.Convolution("encoder.conv1", network.Input, 16, Window.Square(3, 2, 1), Activation.Relu);
        x = network.Convolution("encoder.conv2", x, 24, Window.Square(3, 2, 1), Activation.Relu);
        x = network.Convolution("encoder.conv3", x, 32, Window.Square(3, 2, 1), Activation.Relu);
        x = network.Convolution("encoder.linear", x, 8, Window.Square(3, 2, 1), Activation.None);
        x = network.TransposedConvolution("decoder.expand1", x, 32, Window.Square(2, 2, 0), 0, Activation.Relu);
        x = network.TransposedConvolution("decoder.expand2", x, 24, Window.Square(2, 2, 0), 0, Activation.Relu);
        x = network.TransposedConvolution("decoder.expand3", x, 16, Window.Square(2, 2, 0), 0, Activation.Relu);
        network.TransposedConvolution("decoder.linear", x, 3, Window.Square(2, 2, 0), 0, Activation.None);
        return network.Build("bottleneck-autoencoder", new ReconstructionError(), HeInitialisation);
    }

    /// <summary>For a microcontroller: 32 x 32, 777 parameters; depthwise separable convolutions down to 6 channels of 4 x 4.</summary>
    public static Network MicroBottleneck(int size = 32)
    {
        var network = new NetworkBuilder(new Shape(3, size, size));
        var x = Separable(network, network.Input, 1, "encoder.point1", 6, Activation.Relu);
        x = Separable(network, x, 2, "encoder.point2", 8, Activation.Relu);
        x = Separable(network, x, 3, "encoder.linear", 6, Activation.None);
        x = network.TransposedConvolution("decoder.expand1", x, 8, Window.Square(2, 2, 0), 0, Activation.Relu);
        x = network.TransposedConvolution("decoder.expand2", x, 6, Window.Square(2, 2, 0), 0, Activation.Relu);
        network.TransposedConvolution("decoder.linear", x, 3, Window.Square(2, 2, 0), 0, Activation.None);
        return network.Build("micro-bottleneck-autoencoder", new ReconstructionError(), HeInitialisation);
    }

    /// <summary>A depthwise separable convolution (Howard et al. 2017), and half the size.</summary>
    /// <param name="point">Name of its second half.</param>
    private static int Separable(NetworkBuilder network, int x, int stage, string point, int outputs, Activation activation)
    {
        x = network.Depthwise($"encoder.depth{stage}", x, Window.Square(3, 1, 1), Activation.None);
        x = network.Convolution(point, x, outputs, Window.Point, activation);
        return network.MaxPool($"encoder.pool{stage}", x);
    }

    /// <summary>He et al. 2015 before a ReLU, less where no ReLU follows.</summary>
    internal static double HeInitialisation(string layer, int fanIn) => Math.Sqrt((layer is "decoder.up2" || layer.EndsWith("linear", StringComparison.Ordinal) || layer.Contains("depth", StringComparison.Ordinal) ? 1.0 : 2.0) / fanIn);
}
