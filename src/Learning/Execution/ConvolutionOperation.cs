using CitySafeSense.Numerics;

namespace CitySafeSense.Learning;

/// <summary>A convolution: gathers forward, scatters its gradient.</summary>
internal sealed class ConvolutionOperation : Operation
{
    private readonly Operation input;
    private readonly TapGeometry geometry;
    private readonly PackedWeights packed;
    private readonly bool goesBack;
    private readonly float[] zero;

    public ConvolutionOperation(Kernels kernels, ConvolutionNode node, Operation input, Image value, Image gradient, bool goesBack)
        : base(kernels, node.Activation, value, gradient)
    {
        (this.input, this.goesBack, zero) = (input, goesBack, new float[input.Value.Pixel]);
        geometry = new TapGeometry(kernels, node.Window, input.Value, value);
        packed = new PackedWeights(node.Weight, node.Bias, input.Value.Pixel, value.Pixel, node.Activation == Activation.Logistic ? -86 : 0, goesBack);
    }

    public override void Prepare(ReadOnlySpan<float> weights, bool forTraining) => packed.Prepare(weights, forTraining);

    public override void Finish(Span<float> weightGradient) => packed.Finish(weightGradient);

    protected override void Compute(ReadOnlySpan<float> weights) => geometry.Gather(input.Value, packed.Forward(weights), packed.Bias(weights), Value);

    protected override void Differentiate(Span<float> weightGradient)
    {
        geometry.Correlate(input.Value, Gradient, packed.Gradient(weightGradient));
        for (var y = 0; y < Gradient.Shape.Height; y++) Kernels.AddRows(Gradient.Pixels(y), packed.BiasGradient(weightGradient));
        if (goesBack) geometry.Scatter(Gradient, packed.Transposed, IsFirst(input) ? zero : default, input.Gradient);
    }
}
