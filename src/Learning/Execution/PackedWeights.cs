namespace CitySafeSense.Learning;

/// <summary>
/// Weights [taps, inputs, outputs] and a bias as kernels read them: outputs padded to the pixel of the image they go to, and
/// transposed for the way back. Where nothing is to be padded the model's own vector is read, without a copy.
/// </summary>
internal sealed class PackedWeights
{
    private readonly ParameterTensor weight, bias;
    private readonly int taps, inputs, outputs, inputPixel, outputPixel;
    private readonly float biasPadding;
    private readonly float[]? forward, forwardBias, gradient, biasGradient;
    private readonly AlignedFloats transposed;

    /// <param name="biasPadding">What channels that do not exist begin with.</param>
    /// <param name="goesBack">Whether the gradient of the input is wanted.</param>
    public PackedWeights(ParameterTensor weight, ParameterTensor bias, int inputPixel, int outputPixel, float biasPadding, bool goesBack)
    {
        (this.weight, this.bias, this.inputPixel, this.outputPixel, this.biasPadding) = (weight, bias, inputPixel, outputPixel, biasPadding);
        (inputs, outputs) = (weight.Shape[^2], weight.Shape[^1]);
        taps = weight.Length / (inputs * outputs);
        transposed = new AlignedFloats(goesBack ? taps * outputs * inputPixel : 0);
        if (outputs == outputPixel) return;
        (forward, forwardBias) = (new float[taps * inputs * outputPixel], new float[outputPixel]);
        (gradient, biasGradient) = (new float[forward.Length], new float[outputPixel]);
    }

    /// <summary>[taps, outputs, input pixel].</summary>
    public ReadOnlySpan<float> Transposed => transposed.Span;

    public void Prepare(ReadOnlySpan<float> weights, bool forTraining)
    {
        var source = weights.Slice(weight.Offset, weight.Length);
        if (forward is not null)
        {
            for (var row = 0; row < taps * inputs; row++) source.Slice(row * outputs, outputs).CopyTo(forward.AsSpan(row * outputPixel));
            forwardBias.AsSpan().Fill(biasPadding);
            weights.Slice(bias.Offset, outputs).CopyTo(forwardBias);
        }
        if (!forTraining) return;
        gradient.AsSpan().Clear();
        biasGradient.AsSpan().Clear();
        if (!transposed.Span.IsEmpty) Transpose(source);
    }

    /// <summary>[taps, inputs, output pixel].</summary>
    public ReadOnlySpan<float> Forward(ReadOnlySpan<float> weights) => forward ?? weights.Slice(weight.Offset, weight.Length);

    /// <summary>[output pixel].</summary>
    public ReadOnlySpan<float> Bias(ReadOnlySpan<float> weights) => forwardBias ?? weights.Slice(bias.Offset, outputs);

    /// <summary>Where to add d loss / d weight, [taps, inputs, output pixel].</summary>
    public Span<float> Gradient(Span<float> weightGradient) => gradient ?? weightGradient.Slice(weight.Offset, weight.Length);

    /// <summary>Where to add d loss / d bias, [output pixel].</summary>
    public Span<float> BiasGradient(Span<float> weightGradient) => biasGradient ?? weightGradient.Slice(bias.Offset, outputs);

    public void Finish(Span<float> weightGradient)
    {
        if (gradient is null) return;
        for (var row = 0; row < taps * inputs; row++)
            gradient.AsSpan(row * outputPixel, outputs).CopyTo(weightGradient.Slice(weight.Offset + row * outputs));
        biasGradient.AsSpan(0, outputs).CopyTo(weightGradient[bias.Offset..]);
    }

    private void Transpose(ReadOnlySpan<float> source)
    {
        for (var tap = 0; tap < taps; tap++)
            for (var i = 0; i < inputs; i++)
            {
                var row = source.Slice((tap * inputs + i) * outputs, outputs);
                var column = transposed.Span.Slice(tap * outputs * inputPixel)[i..];
                for (var o = 0; o < row.Length; o++) column[o * inputPixel] = row[o];
            }
    }
}
