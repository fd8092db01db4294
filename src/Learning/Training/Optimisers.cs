using CitySafeSense.Numerics;

namespace CitySafeSense.Learning;

/// <summary>Moves weights against a gradient. It belongs to one run of training; its memory starts at nothing.</summary>
public interface IOptimiser
{
    /// <summary>What it multiplies steps with; a schedule may change it between steps.</summary>
    double Rate { get; set; }

    void Step(Span<float> weights, ReadOnlySpan<float> gradient);

    /// <summary>All it remembers, for a checkpoint.</summary>
    OptimiserState State { get; }

    /// <summary>As it was when the state was taken.</summary>
    /// <exception cref="ArgumentException">The state is of another optimiser or another model.</exception>
    void Restore(OptimiserState state);
}

/// <summary>What an optimiser remembers.</summary>
/// <param name="Steps">Steps taken.</param>
/// <param name="Moments">Vectors as long as the weights.</param>
public sealed record OptimiserState(long Steps, double Rate, IReadOnlyList<float[]> Moments)
{
    internal void CopyTo(params float[][] moments)
    {
        if (Moments.Count != moments.Length || Moments.Zip(moments).Any(m => m.First.Length != m.Second.Length))
            throw new ArgumentException($"a state of {Moments.Count} vectors of {Moments.Select(m => m.Length).FirstOrDefault()} belongs to another optimiser or model");
        for (var i = 0; i < moments.Length; i++) Moments[i].CopyTo(moments[i], 0);
    }
}

/// <summary>Stochastic gradient descent with heavy-ball momentum: v = m v + g, w = w - rate v.</summary>
public sealed class Sgd(int parameters, double rate, double momentum = 0) : IOptimiser
{
    private readonly float[] velocity = new float[momentum == 0 ? 0 : parameters];
    private long steps;

    public double Rate { get; set; } = rate;

    public OptimiserState State => new(steps, Rate, [[.. velocity]]);

    public void Step(Span<float> weights, ReadOnlySpan<float> gradient)
    {
        steps++;
        var kernels = Kernels.Chosen;
        if (momentum == 0)
        {
            kernels.AddScaled((float)-Rate, gradient, weights);
            return;
        }
        kernels.Scale((float)momentum, velocity);
        kernels.Add(gradient, velocity);
        kernels.AddScaled((float)-Rate, velocity, weights);
    }

    public void Restore(OptimiserState state)
    {
        state.CopyTo(velocity);
        (steps, Rate) = (state.Steps, state.Rate);
    }
}

/// <summary>
/// Adam (Kingma and Ba 2015, algorithm 1), moments corrected for their start at zero; with a decay of the weights AdamW
/// (Loshchilov and Hutter 2019, algorithm 2): w = w - rate decay w before each step.
/// </summary>
public sealed class Adam(int parameters, double rate, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double decay = 0) : IOptimiser
{
    private readonly float[] first = new float[parameters];
    private readonly float[] second = new float[parameters];
    private long steps;
    private double firstPower = 1, secondPower = 1;

    public double Rate { get; set; } = rate;

    public OptimiserState State => new(steps, Rate, [[.. first], [.. second]]);

    public void Step(Span<float> weights, ReadOnlySpan<float> gradient)
    {
        steps++;
        (firstPower, secondPower) = (firstPower * beta1, secondPower * beta2);
        var root = Math.Sqrt(1 - secondPower);
        Kernels.Chosen.AdamStep(gradient, first, second, weights, (float)beta1, (float)beta2, (float)(Rate * root / (1 - firstPower)), (float)(epsilon * root), (float)(Rate * decay));
    }

    public void Restore(OptimiserState state)
    {
        state.CopyTo(first, second);
        (steps, Rate, firstPower, secondPower) = (state.Steps, state.Rate, 1, 1);
        for (var i = 0L; i < steps; i++) (firstPower, secondPower) = (firstPower * beta1, secondPower * beta2);
    }
}
