using CitySafeSense.Contracts;
using CitySafeSense.Federation;

namespace CitySafeSense.Grains;

/// <summary>The terms of a round as they travel, and as the science understands them.</summary>
public static class RoundTermsMapping
{
    public static ClientInstructions ToInstructions(this RoundTerms terms, int round) => new()
    {
        Strategy = terms.Strategy,
        Round = round,
        Seed = terms.Seed,
        Training = new LocalTrainingOptions
        {
            Epochs = terms.Epochs,
            BatchSize = terms.BatchSize,
            LearningRate = terms.LearningRate,
            Momentum = terms.Momentum,
            GradientNormMax = terms.GradientNormMax,
            IncompleteBatch = terms.DropIncompleteBatch ? IncompleteBatch.Drop : IncompleteBatch.Keep,
        },
    };

    public static RoundPlan ToPlan(this RoundTerms terms, int round) => new()
    {
        Instructions = terms.ToInstructions(round),
        Goal = terms.Goal,
        OverSelection = terms.OverSelection,
        MinimumFraction = terms.MinimumFraction,
        Deadline = terms.Deadline,
        UpdateNormMax = terms.UpdateNormMax,
    };

    /// <summary>Defaults of the science for a strategy and a goal.</summary>
    public static RoundTerms Default(string strategy, int goal, ulong seed)
    {
        var training = new LocalTrainingOptions();
        var plan = new RoundPlan { Goal = goal, Instructions = new ClientInstructions { Strategy = strategy, Round = 1, Seed = seed } };
        return new(
            strategy, goal, plan.OverSelection, plan.MinimumFraction, plan.Deadline, plan.UpdateNormMax, training.Epochs, training.BatchSize,
            training.LearningRate, training.Momentum, training.GradientNormMax, false, seed);
    }
}
