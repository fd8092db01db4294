using CitySafeSense.Privacy;

namespace CitySafeSense.Federation;

/// <summary>What a population's private rounds have spent.</summary>
public static class PrivacyLedger
{
    /// <summary>The same with one more round, and the epsilon it comes to.</summary>
    /// <exception cref="InvalidOperationException">The budget does not allow it.</exception>
    public static (IReadOnlyList<GaussianSteps> Spent, double Epsilon) Charge(IReadOnlyList<GaussianSteps> spent, PrivacyPlan plan)
    {
        var same = spent.FirstOrDefault(s => s.SamplingRate == plan.SamplingRate && s.NoiseMultiplier == plan.NoiseMultiplier);
        GaussianSteps[] next = [.. spent.Where(s => s != same), new(plan.SamplingRate, plan.NoiseMultiplier, same.Steps + 1)];
        var epsilon = RenyiAccountant.Epsilon(next, plan.Delta);
        if (epsilon > plan.EpsilonBudget)
            throw new InvalidOperationException($"one more private round would come to epsilon {epsilon:F3} of a budget of {plan.EpsilonBudget} (delta {plan.Delta}): train with what there is, or decide on a larger budget");
        return (next, epsilon);
    }
}
