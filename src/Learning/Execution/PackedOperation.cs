using CitySafeSense.Numerics;

namespace CitySafeSense.Learning;

/// <summary>What a convolution and its transpose share: weights in the kernels' form, the gradient of the bias, a row of zeros to begin from.</summary>
internal abstract class PackedOperation(Kernels kernels, WeightedNode node, Operation input, Image value, Image gradient, bool goesBack)
    : Operation(kernels, node.Activation, value, gradient)
{
    private readonly float[] zero = new float[input.Value.Pixel];

    protected Operation Input => input;

    /// <summary>Channels that do not exist begin where a logistic function makes next to nothing of them.</summary>
    protected PackedWeights Packed { get; } = new(node.Weight, node.Bias, input.Value.Pixel, value.Pixel, node.Activation == Activation.Logistic ? -86 : 0, goesBack);

    public override void Prepare(ReadOnlySpan<float> weights, bool forTraining) => Packed.Prepare(weights, forTraining);

    public override void Finish(Span<float> weightGradient) => Packed.Finish(weightGradient);

    /// <summary>gradient of the weights += what came in times what goes out.</summary>
    protected abstract void CorrelateWeights(Span<float> weightGradient);

    /// <summary>The way back of <see cref="Operation.Compute"/>.</summary>
    /// <param name="start">[input pixel], or empty to add.</param>
    protected abstract void Return(ReadOnlySpan<float> start);

    protected sealed override void Differentiate(Span<float> weightGradient)
    {
        CorrelateWeights(Packed.Gradient(weightGradient));
        for (var y = 0; y < Gradient.Shape.Height; y++) Kernels.AddRows(Gradient.Pixels(y), Packed.BiasGradient(weightGradient));
        if (goesBack) Return(IsFirst(input) ? zero : default);
    }
}
