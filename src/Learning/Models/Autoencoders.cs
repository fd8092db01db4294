namespace CitySafeSense.Learning;

/// <summary>Networks that learn to repeat ordinary images; what they repeat badly is out of the ordinary.</summary>
public static class Autoencoders
{
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
        var x = network.Depthwise("encoder.depth1", network.Input, Window.Square(3, 1, 1), Activation.None);
        x = network.Convolution("encoder.point1", x, 8, Window.Point, Activation.Relu);
        x = network.MaxPool("encoder.pool1", x);
        x = network.Depthwise("encoder.depth2", x, Window.Square(3, 1, 1), Activation.None);
        x = network.Convolution("encoder.point2", x, 8, Window.Point, Activation.Relu);
        x = network.MaxPool("encoder.pool2", x);
        x = network.TransposedConvolution("decoder.up1", x, 8, Window.Square(2, 2, 0), 0, Activation.Relu);
        network.TransposedConvolution("decoder.up2", x, 3, Window.Square(2, 2, 0), 0, Activation.Logistic);
        return network.Build("micro-autoencoder", new ReconstructionError(), HeInitialisation);
    }

    /// <summary>He et al. 2015 before a ReLU, less where no ReLU follows.</summary>
    internal static double HeInitialisation(string layer, int fanIn) => Math.Sqrt((layer is "decoder.up2" || layer.Contains("depth", StringComparison.Ordinal) ? 1.0 : 2.0) / fanIn);
}
