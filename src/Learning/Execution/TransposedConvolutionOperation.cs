using CitySafeSense.Numerics;

namespace CitySafeSense.Learning;

/// <summary>The transpose of a convolution: scatters forward, gathers its gradient.</summary>
internal sealed class TransposedConvolutionOperation(Kernels kernels, TransposedConvolutionNode node, Operation input, Image value, Image gradient, bool goesBack)
    : PackedOperation(kernels, node, input, value, gradient, goesBack)
{
    private readonly TapGeometry geometry = new(kernels, node.Window, big: value, small: input.Value);

    protected override void Compute(ReadOnlySpan<float> weights) => geometry.Scatter(Input.Value, Packed.Forward(weights), Packed.Bias(weights), Value);

    protected override void CorrelateWeights(Span<float> weightGradient) => geometry.CorrelateTransposed(Gradient, Input.Value, weightGradient);

    protected override void Return(ReadOnlySpan<float> start) => geometry.Gather(Gradient, Packed.Transposed, start, Input.Gradient);
}
