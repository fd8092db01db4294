using CitySafeSense.Numerics;

namespace CitySafeSense.Learning;

/// <summary>Moves weights against a gradient. It belongs to one run of training; its memory starts at nothing.</summary>
public interface IOptimiser
{
    void Step(Span<float> weights, ReadOnlySpan<float> gradient);
}

/// <summary>Stochastic gradient descent with heavy-ball momentum: v = m v + g, w = w - rate v.</summary>
public sealed class Sgd(int parameters, double rate, double momentum) : IOptimiser
{
    private readonly float[] velocity = new float[parameters];

    public void Step(Span<float> weights, ReadOnlySpan<float> gradient)
    {
        if (momentum == 0)
        {
            VectorKernels.AddScaled((float)-rate, gradient, weights);
            return;
        }
        VectorKernels.Scale((float)momentum, velocity);
        VectorKernels.AddScaled(1, gradient, velocity);
        VectorKernels.AddScaled((float)-rate, velocity, weights);
    }
}

/// <summary>Adam (Kingma and Ba 2015, algorithm 1), moments corrected for their start at zero.</summary>
public sealed class Adam(int parameters, double rate, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8) : IOptimiser
{
    private readonly float[] first = new float[parameters];
    private readonly float[] second = new float[parameters];
    private int steps;

    public void Step(Span<float> weights, ReadOnlySpan<float> gradient)
    {
        steps++;
        var rateNow = (float)(rate * Math.Sqrt(1 - Math.Pow(beta2, steps)) / (1 - Math.Pow(beta1, steps)));
        var epsilonNow = (float)(epsilon * Math.Sqrt(1 - Math.Pow(beta2, steps)));
        for (var i = 0; i < weights.Length; i++)
        {
            var g = gradient[i];
            first[i] += (float)(1 - beta1) * (g - first[i]);
            second[i] += (float)(1 - beta2) * (g * g - second[i]);
            weights[i] -= rateNow * first[i] / (MathF.Sqrt(second[i]) + epsilonNow);
        }
    }
}
