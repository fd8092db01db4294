using CitySafeSense.Contracts;
using CitySafeSense.Federation;
using CitySafeSense.Privacy;

namespace CitySafeSense.Grains;

/// <summary>The terms of a round as they travel, and as the science understands them.</summary>
public static class RoundTermsMapping
{
    public static ClientInstructions ToInstructions(this RoundTerms terms, int round) => new()
    {
        Strategy = terms.Strategy,
        Round = round,
        Seed = terms.Seed,
        ProximalWeight = terms.ProximalWeight,
        Training = new LocalTrainingOptions
        {
            Epochs = terms.Epochs,
            BatchSize = terms.BatchSize,
            Optimiser = OptimiserNamed(terms.Optimiser),
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
        Aggregation = AggregationRule.Parse(terms.Aggregation),
        Codec = UpdateCodec.Parse(terms.Codec),
        ServerRate = terms.ServerRate,
        Privacy = terms.Privacy is not { } p ? null : new PrivacyPlan
        {
            NoiseMultiplier = p.NoiseMultiplier,
            SamplingRate = p.SamplingRate,
            Delta = p.Delta,
            EpsilonBudget = p.EpsilonBudget,
            AdaptsClipping = p.AdaptsClipping,
        },
        SecureSum = terms.SecureSum is { } s ? new SecureSumRule { Threshold = s.Threshold } : null,
    };

    /// <summary>A seat as the science and devices know it.</summary>
    public static SecurePlace ToPlace(this SecureSeat seat) => new(seat.Shard, seat.Place, seat.Threshold, [.. seat.Credentials.Select(c => c.ToArray())]);

    /// <summary>Both name the steps alike.</summary>
    public static SecureSumStep ToScience(this SecureStep step) => Enum.Parse<SecureSumStep>(step.ToString());

    public static SecureStep ToContract(this SecureSumStep step) => Enum.Parse<SecureStep>(step.ToString());

    /// <summary>Defaults of the science for a strategy and a goal.</summary>
    public static RoundTerms Default(string strategy, int goal, ulong seed)
    {
        var training = new LocalTrainingOptions();
        var plan = new RoundPlan { Goal = goal, Instructions = new ClientInstructions { Strategy = strategy, Round = 1, Seed = seed } };
        return new(
            strategy, goal, plan.OverSelection, plan.MinimumFraction, plan.Deadline, plan.UpdateNormMax, training.Epochs, training.BatchSize,
            NameOf(training.Optimiser), training.LearningRate, training.Momentum, training.GradientNormMax, false, seed);
    }

    /// <summary>"sgd" or "adam".</summary>
    public static string NameOf(LocalOptimiser optimiser) => optimiser.ToString().ToLowerInvariant();

    /// <exception cref="ArgumentException">There is no such optimiser.</exception>
    public static LocalOptimiser OptimiserNamed(string name) => name switch
    {
        "sgd" => LocalOptimiser.Sgd,
        "adam" => LocalOptimiser.Adam,
        _ => throw new ArgumentException($"\"{name}\" is no local optimiser; choose from sgd, adam"),
    };
}
