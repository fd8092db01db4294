using CitySafeSense.Learning;

namespace CitySafeSense.Benchmarks.Learning;

/// <summary>The models that ours and the peers are measured with; peer.py has the same ones.</summary>
internal static class PeerModels
{
    /// <summary>A: four residual blocks of two causal convolutions over [9, 128], 23,142 parameters.</summary>
    public static Network A { get; } = Tcn.Build(new TcnOptions(9, 128, 6, 32, 3, [1, 2, 4, 8], 2));

    /// <summary>B: 3 -> 16 -> 32 -> 64 by convolutions of stride 2 on 64 x 64 and back, 47,107 parameters.</summary>
    public static Network B { get; } = Strided(64);

    /// <summary>C: the autoencoder for microcontrollers.</summary>
    public static Network C { get; } = Autoencoders.Micro();

    /// <summary>B for images of another size.</summary>
    public static Network Strided(int size)
    {
        var network = new NetworkBuilder(new Shape(3, size, size));
        var window = Window.Square(3, 2, 1);
        var x = network.Convolution("down1", network.Input, 16, window, Activation.Relu);
        x = network.Convolution("down2", x, 32, window, Activation.Relu);
        x = network.Convolution("down3", x, 64, window, Activation.Relu);
        x = network.TransposedConvolution("up1", x, 32, window, 1, Activation.Relu);
        x = network.TransposedConvolution("up2", x, 16, window, 1, Activation.Relu);
        network.TransposedConvolution("up3", x, 3, window, 1, Activation.Logistic);
        return network.Build("strided", new ReconstructionError(), (_, fanIn) => Math.Sqrt(2.0 / fanIn));
    }
}
