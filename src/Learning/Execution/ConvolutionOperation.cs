using CitySafeSense.Numerics;

namespace CitySafeSense.Learning;

/// <summary>A convolution: gathers forward, scatters its gradient.</summary>
internal sealed class ConvolutionOperation(Kernels kernels, ConvolutionNode node, Operation input, Image value, Image gradient, bool goesBack)
    : PackedOperation(kernels, node, input, value, gradient, goesBack)
{
    private readonly TapGeometry geometry = new(kernels, node.Window, big: input.Value, small: value);

    protected override void Compute(ReadOnlySpan<float> weights) => geometry.Gather(Input.Value, Packed.Forward(weights), Packed.Bias(weights), Value);

    protected override void CorrelateWeights(Span<float> weightGradient) => geometry.Correlate(Input.Value, Gradient, weightGradient);

    protected override void Return(ReadOnlySpan<float> start) => geometry.Scatter(Gradient, Packed.Transposed, start, Input.Gradient);
}
