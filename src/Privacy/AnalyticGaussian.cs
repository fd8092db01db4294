using CitySafeSense.Numerics;

namespace CitySafeSense.Privacy;

/// <summary>The exact privacy of one Gaussian release (Balle and Wang 2018, theorem 8).</summary>
public static class AnalyticGaussian
{
    /// <summary>The smallest delta at which noise of a standard deviation sigma is (epsilon, delta)-private.</summary>
    public static double Delta(double sigma, double epsilon, double sensitivity)
    {
        var (half, shift) = (sensitivity / (2 * sigma), epsilon * sigma / sensitivity);
        return NormalDistribution.UpperTail(shift - half) - Elementary.Exp(epsilon) * NormalDistribution.UpperTail(shift + half);
    }

    /// <summary>The smallest sigma that is (epsilon, delta)-private.</summary>
    public static double Sigma(double epsilon, double delta, double sensitivity)
    {
        double low = 1e-6 * sensitivity, high = sensitivity;
        while (Delta(high, epsilon, sensitivity) > delta) high *= 2;
        for (var i = 0; i < 200 && high - low > 1e-15 * high; i++)
        {
            var middle = (low + high) / 2;
            if (Delta(middle, epsilon, sensitivity) > delta) low = middle;
            else high = middle;
        }
        return high;
    }
}
