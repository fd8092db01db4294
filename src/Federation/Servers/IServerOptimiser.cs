using CitySafeSense.Numerics;

namespace CitySafeSense.Federation;

/// <summary>How the server gets from the weights it sent out, and the round's change, to the next weights.</summary>
public interface IServerOptimiser
{
    /// <param name="change">What the round's updates became; [weights], or twice that where strategies send control variates too.</param>
    /// <param name="memory">What it remembered of the round before.</param>
    /// <param name="rate">How far to go; 0 stands for the optimiser's own.</param>
    /// <param name="participation">Share of all clients that took part.</param>
    ServerStep Step(ReadOnlySpan<float> weights, ReadOnlySpan<float> change, ServerMemory memory, double rate, double participation);
}

/// <summary>The next weights, and what to remember until the round after.</summary>
public sealed record ServerStep(float[] Weights, ServerMemory Memory);

/// <summary>FedAvg's: the clients' mean becomes the next model.</summary>
public sealed class MeanServerOptimiser : IServerOptimiser
{
    public ServerStep Step(ReadOnlySpan<float> weights, ReadOnlySpan<float> change, ServerMemory memory, double rate, double participation) =>
        new(Moved(weights, change, rate == 0 ? 1 : rate), ServerMemory.None);

    /// <summary>weights + rate * change.</summary>
    internal static float[] Moved(ReadOnlySpan<float> weights, ReadOnlySpan<float> change, double rate)
    {
        var moved = weights.ToArray();
        Kernels.Chosen.AddScaled((float)rate, change, moved);
        return moved;
    }
}

/// <summary>FedAvgM (Hsu, Qi and Brown 2019): v = beta v + change, w = w + rate v.</summary>
public sealed class MomentumServerOptimiser(double beta = 0.9) : IServerOptimiser
{
    public ServerStep Step(ReadOnlySpan<float> weights, ReadOnlySpan<float> change, ServerMemory memory, double rate, double participation)
    {
        var velocity = MeanServerOptimiser.Moved(change, memory.Vector(0, change.Length), beta);
        return new(MeanServerOptimiser.Moved(weights, velocity, rate == 0 ? 1 : rate), new ServerMemory(memory.Steps + 1, [velocity]));
    }
}

/// <summary>
/// FedAdam and FedYogi (Reddi et al. 2021, algorithm 2): m = b1 m + (1 - b1) change; Adam v = b2 v + (1 - b2) change^2, Yogi
/// v = v - (1 - b2) change^2 sign(v - change^2); w = w + rate m / (sqrt v + tau). v begins at tau^2, as there.
/// </summary>
public sealed class AdaptiveServerOptimiser(bool isYogi, double defaultRate = 0.03, double beta1 = 0.9, double beta2 = 0.99, double tau = 1e-3) : IServerOptimiser
{
    public ServerStep Step(ReadOnlySpan<float> weights, ReadOnlySpan<float> change, ServerMemory memory, double rate, double participation)
    {
        float[] m = [.. memory.Vector(0, change.Length)], v = [.. memory.Vector(1, change.Length, (float)(tau * tau))], next = weights.ToArray();
        var length = rate == 0 ? defaultRate : rate;
        for (var i = 0; i < m.Length; i++)
        {
            double d = change[i], square = d * d;
            m[i] = (float)(beta1 * m[i] + (1 - beta1) * d);
            v[i] = (float)(isYogi ? v[i] - (1 - beta2) * square * Math.Sign(v[i] - square) : beta2 * v[i] + (1 - beta2) * square);
            next[i] += (float)(length * m[i] / (Math.Sqrt(v[i]) + tau));
        }
        return new(next, new ServerMemory(memory.Steps + 1, [m, v]));
    }
}

/// <summary>SCAFFOLD (Karimireddy et al. 2020, algorithm 1): w = w + rate dw, c = c + participation dc. The change is [dw, dc].</summary>
public sealed class ControlVariateServerOptimiser : IServerOptimiser
{
    public ServerStep Step(ReadOnlySpan<float> weights, ReadOnlySpan<float> change, ServerMemory memory, double rate, double participation) => new(
        MeanServerOptimiser.Moved(weights, change[..weights.Length], rate == 0 ? 1 : rate),
        new ServerMemory(memory.Steps + 1, [MeanServerOptimiser.Moved(memory.Vector(0, weights.Length), change[weights.Length..], participation)]));
}
