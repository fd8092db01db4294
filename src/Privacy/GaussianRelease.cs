using CitySafeSense.Numerics;

namespace CitySafeSense.Privacy;

/// <summary>
/// How strongly released counts are disturbed. Unit: one device, one week. Half of delta pays for the noise, half for
/// thresholds: a device is admitted to a bounded number of slots, in each its contribution has L2 norm at most 1.
/// </summary>
/// <param name="Epsilon">With <paramref name="Delta"/>, the guarantee for one device-week.</param>
/// <param name="Slots">Hours of a week in which a device is counted, each time in one cell.</param>
public sealed record GaussianRelease(double Epsilon, double Delta, int Slots)
{
    public static GaussianRelease Default { get; } = new(2, 1e-6, 24);

    /// <summary>For how many devices one that is counted stands, where all are heard in every hour: each is counted in some hours of its week only.</summary>
    public double Scale => ContributionTokens.HoursPerWeek / (double)Slots;

    /// <summary>
    /// Zero-concentrated differential privacy (Bun and Steinke 2016, proposition 1.3): rho-zCDP gives
    /// (rho + 2 sqrt(rho ln(1/delta)), delta); k Gaussian releases of sensitivity 1 cost rho = k / (2 sigma^2).
    /// </summary>
    public double Sigma
    {
        get
        {
            var log = Elementary.Log(2 / Delta);
            var rootRho = Math.Sqrt(log + Epsilon) - Math.Sqrt(log);
            return Math.Sqrt(Slots / (2 * rootRho * rootRho));
        }
    }

    /// <summary>
    /// What a noisy count must exceed. The device that makes k of k - 1 is the one whose presence decides whether anything may
    /// show at all, so with exactly k devices it shows with probability at most delta / (2 slots).
    /// </summary>
    public double Threshold(int k) => k + Sigma * NormalDistribution.UpperQuantile(Delta / (2 * Slots));

    /// <summary>
    /// For comparison: above which noisy count a single release with Laplace noise of scale 1/epsilon may show a partition, if one that exists
    /// for one device alone is to show with probability delta: 1 + ln(1 / (2 delta)) / epsilon (Wilson et al. 2020, "Differentially private SQL
    /// with bounded user contribution").
    /// </summary>
    public static double LaplaceThreshold(double epsilon, double delta) => 1 + Elementary.Log(1 / (2 * delta)) / epsilon;

    /// <summary>The noisy count, or nothing: too few contributors, or not above the threshold. Drawn once and kept by the caller; drawing again would average the noise away.</summary>
    public double? Release(int devices, int k, Noise noise)
    {
        var noisy = devices + noise.Gaussian(Sigma);
        return devices >= k && noisy > Threshold(k) ? noisy : null;
    }
}
