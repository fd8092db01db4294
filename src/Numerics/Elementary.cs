namespace CitySafeSense.Numerics;

/// <summary>
/// Elementary functions of real numbers without the platform's C library, whose last bits depend on its version and on the variant
/// that it picks for a processor. Made of operations that IEEE 754 rounds exactly (add, multiply, divide, square root), so that
/// the same argument gives the same bits everywhere. Errors are below 2 units in the last place.
/// </summary>
/// <remarks>Plain multiplications and additions, not fused ones: a processor without a fused instruction emulates it, a hundred times slower.</remarks>
public static partial class Elementary
{
    private const double Ln2 = 0.6931471805599453;

    /// <summary>ln 2 as a sum; a whole number of eleven bits times the first is exact.</summary>
    private const double Ln2High = 0.6931471803691238, Ln2Low = 1.9082149292705877e-10;

    /// <summary>exp(x) in single precision, the bits that kernels compute; x is moved into -86 to 88 first.</summary>
    public static float ExpSingle(float x) => Exponential.Of<float, ScalarOperations>(x, x, x);

    /// <summary>
    /// exp(x) = 2^n exp(r) with |r| at most ln(2)/2; Taylor's polynomial of degree 13 leaves an error below 5e-18. Infinite above
    /// 709.78, 0 below -745.13; NaN stays NaN.
    /// </summary>
    public static double Exp(double x)
    {
        if (x > 709.782712893384) return double.PositiveInfinity;
        if (x < -745.1332191019412) return 0;
        if (double.IsNaN(x)) return x;
        var n = Math.Round(x * (1 / Ln2));
        var high = x - n * Ln2High;
        var low = n * Ln2Low;
        var r = high - low;
        var rest = high - r - low;
        var sum = 1.0 / 6227020800;
        sum = sum * r + 1.0 / 479001600;
        sum = sum * r + 1.0 / 39916800;
        sum = sum * r + 1.0 / 3628800;
        sum = sum * r + 1.0 / 362880;
        sum = sum * r + 1.0 / 40320;
        sum = sum * r + 1.0 / 5040;
        sum = sum * r + 1.0 / 720;
        sum = sum * r + 1.0 / 120;
        sum = sum * r + 1.0 / 24;
        sum = sum * r + 1.0 / 6;
        sum = sum * r + 0.5;
        var y = 1 + (r + (r * r * sum + rest));
        return n is > -1022 and < 1023 ? y * BitConverter.Int64BitsToDouble((long)(n + 1023) << 52) : Math.ScaleB(y, (int)n);
    }

    /// <summary>
    /// ln x = e ln 2 + 2 artanh((m - 1)/(m + 1)) with m between the root of 1/2 and the root of 2; eleven terms of the series
    /// leave an error below 1e-17. Negative infinity at 0, NaN below.
    /// </summary>
    public static double Log(double x)
    {
        if (!(x > 0)) return x == 0 ? double.NegativeInfinity : double.NaN;
        if (double.IsPositiveInfinity(x)) return x;
        var (exponent, f) = Split(x);
        // With f = m - 1 and s = f / (2 + f): 2 s = f - s f, which loses no digits where f is small.
        var s = f / (2 + f);
        var square = s * s;
        var sum = 2.0 / 23;
        sum = sum * square + 2.0 / 21;
        sum = sum * square + 2.0 / 19;
        sum = sum * square + 2.0 / 17;
        sum = sum * square + 2.0 / 15;
        sum = sum * square + 2.0 / 13;
        sum = sum * square + 2.0 / 11;
        sum = sum * square + 2.0 / 9;
        sum = sum * square + 2.0 / 7;
        sum = sum * square + 2.0 / 5;
        sum = sum * square + 2.0 / 3;
        return exponent * Ln2High + (f - (s * (f - square * sum) - exponent * Ln2Low));
    }

    /// <summary>The binary logarithm; exact for powers of two.</summary>
    public static double Log2(double x)
    {
        if (!(x > 0) || double.IsPositiveInfinity(x)) return Log(x);
        var (exponent, f) = Split(x);
        return exponent + Log(1 + f) * (1 / Ln2);
    }

    /// <summary>x^n by repeated squaring; 1 / x^-n for negative n.</summary>
    public static double Power(double x, int n)
    {
        var (power, factor) = (1.0, x);
        for (var left = (uint)Math.Abs((long)n); left > 0; left >>= 1, factor *= factor)
            if ((left & 1) != 0) power *= factor;
        return n < 0 ? 1 / power : power;
    }

    /// <summary>x = 2^exponent (1 + f) with 1 + f between the root of 1/2 and the root of 2; x is positive and finite.</summary>
    private static (int Exponent, double F) Split(double x)
    {
        const double SmallestNormal = 2.2250738585072014e-308;
        const int Bias = 1023, FractionBits = 52;
        var exponent = -Bias;
        if (x < SmallestNormal) (x, exponent) = (x * (1L << 54), exponent - 54);
        var bits = BitConverter.DoubleToInt64Bits(x);
        exponent += (int)(bits >> FractionBits);
        var mantissa = BitConverter.Int64BitsToDouble((bits & ((1L << FractionBits) - 1)) | (long)Bias << FractionBits);
        return mantissa > 1.4142135623730951 ? (exponent + 1, mantissa / 2 - 1) : (exponent, mantissa - 1);
    }
}
