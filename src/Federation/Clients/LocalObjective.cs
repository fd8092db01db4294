using CitySafeSense.Numerics;

namespace CitySafeSense.Federation;

/// <summary>What a client's training minds besides the loss on its own examples.</summary>
public interface ILocalObjective
{
    /// <summary>Changes the gradient of a batch before the step.</summary>
    void Adjust(ReadOnlySpan<float> weights, Span<float> gradient);
}

/// <summary>Stays near an anchor: the gradient of mu / 2 |w - anchor|^2 is added (FedProx, Li et al. 2020, equation 2; Ditto, Li et al. 2021, equation 2).</summary>
public sealed class ProximalObjective(ReadOnlyMemory<float> anchor, double mu) : ILocalObjective
{
    public void Adjust(ReadOnlySpan<float> weights, Span<float> gradient)
    {
        Kernels.Chosen.AddScaled((float)mu, weights, gradient);
        Kernels.Chosen.AddScaled((float)-mu, anchor.Span, gradient);
    }
}

/// <summary>
/// Corrects each step by how the client usually drifts: g - c_i + c (SCAFFOLD, Karimireddy et al. 2020). The client's next
/// variate is the mean of its plain gradients along the way, which for plain descent is the paper's option II.
/// </summary>
public sealed class ControlVariateObjective(float[] server, float[] own) : ILocalObjective
{
    private readonly double[] sum = new double[own.Length];
    private int steps;

    public void Adjust(ReadOnlySpan<float> weights, Span<float> gradient)
    {
        steps++;
        for (var i = 0; i < sum.Length; i++) sum[i] += gradient[i];
        Kernels.Chosen.Add(server, gradient);
        Kernels.Chosen.AddScaled(-1, own, gradient);
    }

    /// <summary>The variate for the next round.</summary>
    public float[] Next() => steps == 0 ? own : [.. sum.Select(s => (float)(s / steps))];
}
