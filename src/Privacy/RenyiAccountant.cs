using CitySafeSense.Numerics;

namespace CitySafeSense.Privacy;

/// <summary>So many steps of the subsampled Gaussian mechanism.</summary>
/// <param name="SamplingRate">Probability with which everybody joins a step, independently; 1 is everybody.</param>
/// <param name="NoiseMultiplier">Standard deviation of the noise over the clip bound.</param>
public readonly record struct GaussianSteps(double SamplingRate, double NoiseMultiplier, int Steps);

/// <summary>
/// Renyi differential privacy of subsampled Gaussian mechanisms (Mironov 2017; Mironov, Talwar and Zhang 2019, section 3.3),
/// composed by addition and turned into (epsilon, delta) by Balle et al. 2020, theorem 21. Neighbours differ by adding or
/// removing everything of one client.
/// </summary>
public static class RenyiAccountant
{
    /// <summary>1.1 to 10.9 in tenths, then 12 to 63: the orders Opacus looks at, so that its published values come out.</summary>
    private static readonly double[] orders = [.. Enumerable.Range(1, 99).Select(i => 1 + i / 10.0), .. Enumerable.Range(12, 52).Select(i => (double)i)];

    /// <summary>The epsilon at which all steps together are (epsilon, delta)-private.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside its range.</exception>
    public static double Epsilon(IReadOnlyCollection<GaussianSteps> spent, double delta)
    {
        if (delta is not (> 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(delta), delta, "delta lies between 0 and 1");
        if (spent.Count == 0) return 0;
        return orders.Min(order =>
        {
            var divergence = spent.Sum(s => s.Steps * Divergence(order, s.SamplingRate, s.NoiseMultiplier));
            return Math.Max(0, divergence - (Elementary.Log(delta) + Elementary.Log(order)) / (order - 1) + Elementary.Log((order - 1) / order));
        });
    }

    /// <summary>The Renyi divergence of one step.</summary>
    /// <param name="order">Above 1.</param>
    public static double Divergence(double order, double samplingRate, double noiseMultiplier)
    {
        if (!(order > 1)) throw new ArgumentOutOfRangeException(nameof(order), order, "an order is above 1");
        if (samplingRate is not (> 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(samplingRate), samplingRate, "a sampling rate lies above 0 and up to 1");
        if (noiseMultiplier is not (> 0 and < 1e6)) throw new ArgumentOutOfRangeException(nameof(noiseMultiplier), noiseMultiplier, "a noise multiplier lies above 0 and below a million");
        if (samplingRate == 1) return order / (2 * noiseMultiplier * noiseMultiplier);
        var logMoment = order == Math.Floor(order) ? LogMoment((int)order, samplingRate, noiseMultiplier) : LogMoment(order, samplingRate, noiseMultiplier);
        return logMoment / (order - 1);
    }

    /// <summary>ln sum over k of C(n, k) (1-q)^(n-k) q^k exp((k^2 - k) / 2 sigma^2), for whole orders.</summary>
    private static double LogMoment(int order, double q, double sigma)
    {
        var (sum, coefficient) = (double.NegativeInfinity, 0.0);
        for (var k = 0; k <= order; k++)
        {
            sum = LogAdd(sum, coefficient + k * Elementary.Log(q) + (order - k) * LogOneMinus(q) + (k * (double)k - k) / (2 * sigma * sigma));
            coefficient += Elementary.Log(order - k) - Elementary.Log(k + 1);
        }
        return sum;
    }

    /// <summary>The two series of the paper for orders between whole ones, whose terms alternate in sign from the order on.</summary>
    private static double LogMoment(double order, double q, double sigma)
    {
        var crossing = sigma * sigma * Elementary.Log(1 / q - 1) + 0.5;
        var (low, high) = ((Log: double.NegativeInfinity, Sign: 1), (Log: double.NegativeInfinity, Sign: 1));
        var (logCoefficient, sign) = (0.0, 1);
        for (var k = 0; ; k++)
        {
            var rest = order - k;
            var logLow = logCoefficient + k * Elementary.Log(q) + rest * LogOneMinus(q) + (k * (double)k - k) / (2 * sigma * sigma) + LogHalfErfc((k - crossing) / (Math.Sqrt(2) * sigma));
            var logHigh = logCoefficient + rest * Elementary.Log(q) + k * LogOneMinus(q) + (rest * rest - rest) / (2 * sigma * sigma) + LogHalfErfc((crossing - rest) / (Math.Sqrt(2) * sigma));
            (low, high) = (LogAdd(low, (logLow, sign)), LogAdd(high, (logHigh, sign)));
            if (Math.Max(logLow, logHigh) < -30) return LogAdd(low, high).Log;
            var factor = rest / (k + 1);
            logCoefficient += Elementary.Log(Math.Abs(factor));
            if (factor < 0) sign = -sign;
        }
    }

    private static double LogOneMinus(double q) => q < 0.1 ? -SeriesOfLog(q) : Elementary.Log(1 - q);

    /// <summary>-ln(1 - q) for small q without losing digits.</summary>
    private static double SeriesOfLog(double q)
    {
        var (sum, power) = (0.0, q);
        for (var n = 1; power / n > 1e-18 * sum; n++, power *= q) sum += power / n;
        return sum;
    }

    /// <summary>ln(erfc(x) / 2) = ln P(Z > sqrt(2) x), by the tail's leading terms where it is too small for a double.</summary>
    private static double LogHalfErfc(double x)
    {
        var z = Math.Sqrt(2) * x;
        if (z < 30) return Elementary.Log(Numerics.NormalDistribution.UpperTail(z));
        return -z * z / 2 - Elementary.Log(z) - 0.5 * Elementary.Log(2 * Math.PI) + Elementary.Log(1 - 1 / (z * z) + 3 / (z * z * z * z) - 15 / Elementary.Power(z, 6));
    }

    private static double LogAdd(double a, double b)
    {
        var (larger, smaller) = a > b ? (a, b) : (b, a);
        return double.IsNegativeInfinity(smaller) ? larger : larger + Elementary.Log(1 + Elementary.Exp(smaller - larger));
    }

    /// <summary>Of numbers with signs; the log of their absolute sum.</summary>
    private static (double Log, int Sign) LogAdd((double Log, int Sign) a, (double Log, int Sign) b)
    {
        var (larger, smaller) = a.Log > b.Log ? (a, b) : (b, a);
        if (double.IsNegativeInfinity(smaller.Log)) return larger;
        return (larger.Log + Elementary.Log(1 + (larger.Sign == smaller.Sign ? 1 : -1) * Elementary.Exp(smaller.Log - larger.Log)), larger.Sign);
    }
}
