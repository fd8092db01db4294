namespace CitySafeSense.Numerics;

/// <summary>exp and ln without the platform's library, whose last bits differ from one system to the next.</summary>
public static class Elementary
{
    /// <summary>exp(x), the bits that kernels compute; x is moved into -86 to 88 first.</summary>
    public static float Exp(float x) => Exponential.Of<float, ScalarOperations>(x, x, x);

    /// <summary>
    /// ln x = e ln 2 + 2 artanh((m - 1)/(m + 1)) with m between the root of 1/2 and the root of 2; eleven terms of the series
    /// leave an error below 1e-17. For positive normal numbers; NaN otherwise.
    /// </summary>
    public static double Log(double x)
    {
        if (!(x >= 2.2250738585072014e-308) || !double.IsFinite(x)) return double.NaN;
        var exponent = Math.ILogB(x);
        var mantissa = Math.ScaleB(x, -exponent);
        if (mantissa > 1.4142135623730951) (mantissa, exponent) = (mantissa / 2, exponent + 1);
        var s = (mantissa - 1) / (mantissa + 1);
        var (square, sum) = (s * s, 0.0);
        for (var n = 21; n >= 1; n -= 2) sum = Math.FusedMultiplyAdd(sum, square, 1.0 / n);
        return Math.FusedMultiplyAdd(exponent, 0.6931471805599453, 2 * s * sum);
    }
}
