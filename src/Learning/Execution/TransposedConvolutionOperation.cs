using CitySafeSense.Numerics;

namespace CitySafeSense.Learning;

/// <summary>The transpose of a convolution: scatters forward, gathers its gradient.</summary>
internal sealed class TransposedConvolutionOperation : Operation
{
    private readonly Operation input;
    private readonly TapGeometry geometry;
    private readonly PackedWeights packed;
    private readonly bool goesBack;
    private readonly float[] zero;

    public TransposedConvolutionOperation(Kernels kernels, TransposedConvolutionNode node, Operation input, Image value, Image gradient, bool goesBack)
        : base(kernels, node.Activation, value, gradient)
    {
        (this.input, this.goesBack, zero) = (input, goesBack, new float[input.Value.Pixel]);
        geometry = new TapGeometry(kernels, node.Window, value, input.Value);
        packed = new PackedWeights(node.Weight, node.Bias, input.Value.Pixel, value.Pixel, node.Activation == Activation.Logistic ? -86 : 0, goesBack);
    }

    public override void Prepare(ReadOnlySpan<float> weights, bool forTraining) => packed.Prepare(weights, forTraining);

    public override void Finish(Span<float> weightGradient) => packed.Finish(weightGradient);

    protected override void Compute(ReadOnlySpan<float> weights) => geometry.Scatter(input.Value, packed.Forward(weights), packed.Bias(weights), Value);

    protected override void Differentiate(Span<float> weightGradient)
    {
        geometry.CorrelateTransposed(Gradient, input.Value, packed.Gradient(weightGradient));
        for (var y = 0; y < Gradient.Shape.Height; y++) Kernels.AddRows(Gradient.Pixels(y), packed.BiasGradient(weightGradient));
        if (goesBack) geometry.Gather(Gradient, packed.Transposed, IsFirst(input) ? zero : default, input.Gradient);
    }
}
