using CitySafeSense.Numerics;
using CitySafeSense.Privacy;

namespace CitySafeSense.Federation;

/// <summary>
/// DP-FedAvg with a fixed divisor (McMahan et al. 2018, algorithm 1): every update counts 1 whatever is behind it, the sum of
/// the clipped ones gets noise, and it is divided by how many are expected, not by how many came.
/// </summary>
/// <param name="expected">q N: the sampling rate times everybody who could have been drawn.</param>
public sealed class PrivateAggregation(PrivacyPlan plan, int length, double normMax, double expected, Noise noise) : Aggregation(length, normMax)
{
    private readonly FixedPointSum sum = new(length);

    /// <summary>
    /// Standard deviation of the noise on the count of updates within the bound (Andrew et al. 2021, section 3), where the bound
    /// adapts: so much that the sum can do with next to no more noise for it.
    /// </summary>
    private double CountSigma => expected / 20;

    /// <summary>The multiplier on the sum, so that sum and count together cost what one release with the plan's multiplier does (theorem 1 there).</summary>
    public double SumMultiplier => plan.AdaptsClipping ? 1 / Math.Sqrt(Elementary.Power(plan.NoiseMultiplier, -2) - Elementary.Power(2 * CountSigma, -2)) : plan.NoiseMultiplier;

    public override float[] Finish()
    {
        if (double.IsNaN(SumMultiplier)) throw new InvalidOperationException($"with {expected:F1} clients expected, noise of {plan.NoiseMultiplier} leaves nothing for the count that adapts the clipping");
        // Every entry was rounded to a step of 2^-20 or finer, which may have made the vector longer by half of that each.
        var norm = NormMax + Math.Sqrt(Length) * Math.ScaleB(1, -21);
        var steps = SumMultiplier * norm * FixedPointSum.StepsPerUnit;
        sum.Add(() => noise.Steps(steps));
        return sum.Over(expected);
    }

    /// <summary>The bound for the next round: C exp(-0.2 (noisy share within the bound - 0.5)).</summary>
    public double NextNormMax()
    {
        if (!plan.AdaptsClipping) return NormMax;
        var within = (Updates - Clipped + noise.Gaussian(CountSigma)) / expected;
        return Math.Clamp(NormMax * Elementary.Exp(-0.2 * (within - 0.5)), 1e-3, ClippedUpdate.NormMaxLimit);
    }

    protected override void Take(string participant, ClippedUpdate update) => sum.Add(update.CountedOnce());

    protected override void Take(SecureTotal total) => sum.Add(total);
}
