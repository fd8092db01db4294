namespace CitySafeSense.Numerics;

/// <summary>The logarithm of the gamma function for positive arguments: Stirling's series beyond 8, after the recurrence; good to 1e-11 (Abramowitz and Stegun 6.1.41).</summary>
public static class LogGamma
{
    public static double Of(double x)
    {
        var product = 1.0;
        for (; x < 8; x++) product *= x;
        var inverse = 1 / (x * x);
        return (x - 0.5) * Elementary.Log(x) - x + 0.5 * Elementary.Log(2 * Math.PI) + (1.0 / 12 - inverse * (1.0 / 360 - inverse * (1.0 / 1260 - inverse / 1680))) / x - Elementary.Log(product);
    }
}
