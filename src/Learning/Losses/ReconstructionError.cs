using CitySafeSense.Numerics;

namespace CitySafeSense.Learning;

/// <summary>The mean squared difference between what an autoencoder makes and what it was given. Labels are not looked at.</summary>
public sealed class ReconstructionError : Loss
{
    public override void Check(Network network)
    {
        if (network.Nodes[^1].Shape != network.Nodes[0].Shape) throw new ArgumentException($"{network.Name}: an autoencoder ends as it begins, with {network.Nodes[0].Shape}, not {network.Nodes[^1].Shape}");
    }

    public override void Check(Network network, Examples examples, int row)
    {
    }

    public override double Of(ReadOnlySpan<float> output, Examples examples, int row)
    {
        var input = examples.Input(row);
        var sum = 0.0;
        for (var i = 0; i < output.Length; i++) sum += (double)(output[i] - input[i]) * (output[i] - input[i]);
        return sum / output.Length;
    }

    public override double WithGradient(Kernels kernels, ReadOnlySpan<float> output, Examples examples, int row, Span<float> gradient)
    {
        // gradient = 2 d / n; the loss is then n / 4 of its square's sum.
        kernels.DifferenceScaled(2f / output.Length, output, examples.Input(row), gradient);
        return kernels.Dot(gradient, gradient) * (double)output.Length / 4;
    }
}
