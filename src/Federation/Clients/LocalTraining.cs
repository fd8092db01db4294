using CitySafeSense.Learning;
using CitySafeSense.Numerics;

namespace CitySafeSense.Federation;

public enum IncompleteBatch
{
    Keep,
    Drop,
}

public enum LocalOptimiser
{
    /// <summary>With <see cref="LocalTrainingOptions.Momentum"/>.</summary>
    Sgd,

    /// <summary>For clients with so few batches that momentum never gets going.</summary>
    Adam,
}

/// <summary>How a client trains between receiving and reporting.</summary>
public sealed record LocalTrainingOptions
{
    public int Epochs { get; init; } = 1;
    public int BatchSize { get; init; } = 16;
    public LocalOptimiser Optimiser { get; init; } = LocalOptimiser.Sgd;
    public double LearningRate { get; init; } = 0.05;
    public double Momentum { get; init; } = 0.9;
    public double GradientNormMax { get; init; } = 1;
    public IncompleteBatch IncompleteBatch { get; init; } = IncompleteBatch.Keep;

    /// <exception cref="ArgumentException">Names the setting and the range allowed.</exception>
    public void Validate()
    {
        Require(Epochs is >= 1 and <= 1000, "epochs", "1 to 1000");
        Require(BatchSize is >= 1 and <= 4096, "batch size", "1 to 4096");
        Require(LearningRate is > 0 and <= 10, "learning rate", "above 0 and up to 10");
        Require(Momentum is >= 0 and < 1, "momentum", "0 to below 1");
        Require(GradientNormMax > 0, "gradient norm bound", "above 0");
    }

    private static void Require(bool holds, string setting, string range)
    {
        if (!holds) throw new ArgumentException($"local training: {setting} must be {range}");
    }
}

/// <summary>Ordinary mini-batch descent on a client's own examples; the optimiser starts fresh every time, so a client carries nothing between rounds but weights.</summary>
public static class LocalTraining
{
    /// <param name="weights">Changed in place.</param>
    /// <param name="objective">What else training minds, or nothing.</param>
    /// <returns>The mean loss over the batches seen; NaN if there was no batch.</returns>
    public static double Run(IModel model, Span<float> weights, Examples examples, LocalTrainingOptions options, Rng rng, ModelWorkspace workspace, ILocalObjective? objective = null)
    {
        var gradient = new float[model.Layout.Length];
        IOptimiser optimiser = options.Optimiser == LocalOptimiser.Adam
            ? new Adam(model.Layout.Length, options.LearningRate)
            : new Sgd(model.Layout.Length, options.LearningRate, options.Momentum);
        var rows = Enumerable.Range(0, examples.Count).ToArray();
        var (loss, batches) = (0.0, 0);
        for (var epoch = 0; epoch < options.Epochs; epoch++)
        {
            rng.Shuffle<int>(rows);
            for (var start = 0; start < rows.Length; start += options.BatchSize)
            {
                var size = Math.Min(options.BatchSize, rows.Length - start);
                if (size < options.BatchSize && options.IncompleteBatch == IncompleteBatch.Drop) break;
                loss += model.LossAndGradient(weights, examples, rows.AsSpan(start, size), workspace, gradient);
                GradientClip.ByNorm(gradient, options.GradientNormMax);
                objective?.Adjust(weights, gradient);
                optimiser.Step(weights, gradient);
                batches++;
            }
        }
        return batches == 0 ? double.NaN : loss / batches;
    }
}
