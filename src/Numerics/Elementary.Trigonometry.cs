namespace CitySafeSense.Numerics;

public static partial class Elementary
{
    /// <summary>pi/2 as a sum of 26 bits, 26 bits and the rest: a whole number below 2^27 times either of the first two is exact.</summary>
    private const double HalfPi1 = 1.5707963109016418, HalfPi2 = 1.5893254712295857e-08, HalfPi3 = 6.123233995736766e-17;

    /// <summary>Up to here an argument is reduced exactly; beyond, it is first taken modulo the double nearest to 2 pi.</summary>
    private const double ReducedMax = (1 << 27) * HalfPi1;

    /// <summary>atan(k/8) for k = 0 to 8: the nearest double and what it leaves.</summary>
    private static readonly double[] arcTangents =
    [
        0, 0.12435499454676144, 0.24497866312686414, 0.35877067027057225, 0.4636476090008061,
        0.5585993153435624, 0.6435011087932844, 0.7188299996216245, 0.7853981633974483,
    ];

    private static readonly double[] arcTangentRests =
    [
        0, -3.1253241424539383e-18, 1.0698755618734451e-17, -2.4623815582638635e-17, 2.2698777452961687e-17,
        -5.4556305485916264e-18, 1.5834785051444286e-17, -2.1478388444456983e-17, 3.061616997868383e-17,
    ];

    /// <summary>sin(x), x in radians. NaN for what is not finite.</summary>
    public static double Sin(double x) => SinCos(x).Sin;

    /// <summary>cos(x), x in radians. NaN for what is not finite.</summary>
    public static double Cos(double x) => SinCos(x).Cos;

    /// <summary>tan(x), x in radians. NaN for what is not finite.</summary>
    public static double Tan(double x)
    {
        var (sin, cos) = SinCos(x);
        return sin / cos;
    }

    /// <summary>Both at once: x = n pi/2 + r with |r| at most pi/4; Taylor's polynomials of degree 17 and 16 leave an error below 1e-17.</summary>
    public static (double Sin, double Cos) SinCos(double x)
    {
        if (!double.IsFinite(x)) return (double.NaN, double.NaN);
        if (Math.Abs(x) > ReducedMax) x = Math.IEEERemainder(x, 2 * Math.PI);
        var n = Math.Round(x * (2 / Math.PI));
        // Each difference with what its rounding took away, after Knuth's two-sum.
        var y = x - n * HalfPi1;
        var (first, lost) = Difference(y, n * HalfPi2);
        var (r, rest) = Difference(first, n * HalfPi3 - lost);
        var square = r * r;
        var sin = r + (r * square * SineSeries(square) + rest);
        var half = 0.5 * square;
        var one = 1 - half;
        var cos = one + (1 - one - half + (square * square * CosineSeries(square) - r * rest));
        return ((long)n & 3) switch
        {
            0 => (sin, cos),
            1 => (cos, -sin),
            2 => (-sin, -cos),
            _ => (-cos, sin),
        };
    }

    /// <summary>atan(x), between -pi/2 and pi/2.</summary>
    public static double Atan(double x) => Atan2(x, 1);

    /// <summary>asin(x), between -pi/2 and pi/2; NaN outside -1 to 1.</summary>
    public static double Asin(double x) => Atan2(x, Math.Sqrt((1 - x) * (1 + x)));

    /// <summary>acos(x), between 0 and pi; NaN outside -1 to 1.</summary>
    public static double Acos(double x) => Atan2(Math.Sqrt((1 - x) * (1 + x)), x);

    /// <summary>The angle of (x, y), between -pi and pi, with the signs of IEEE 754 at zeros.</summary>
    /// <remarks>atan(q) = atan(c) + atan((q - c)/(1 + q c)) with c the nearest eighth: the series over at most 1/16 has seven terms.</remarks>
    public static double Atan2(double y, double x)
    {
        if (double.IsNaN(x) || double.IsNaN(y)) return double.NaN;
        double a = Math.Abs(y), b = Math.Abs(x);
        if (double.IsInfinity(a) || double.IsInfinity(b)) (a, b) = (double.IsInfinity(a) ? 1 : 0, double.IsInfinity(b) ? 1 : 0);
        var isSteep = a > b;
        if (isSteep) (a, b) = (b, a);
        var angle = b == 0 ? 0 : ArcTangentOfRatio(a, b);
        if (isSteep) angle = Math.PI / 2 - (angle - HalfPi3);
        if (double.IsNegative(x)) angle = Math.PI - (angle - 2 * HalfPi3);
        return Math.CopySign(angle, y);
    }

    /// <summary>atan(a/b), 0 at most a at most b.</summary>
    private static double ArcTangentOfRatio(double a, double b)
    {
        var k = (int)(a / b * 8 + 0.5);
        var c = k / 8.0;
        var t = (a - c * b) / (b + c * a);
        var square = t * t;
        var sum = 1.0 / 13;
        sum = sum * square - 1.0 / 11;
        sum = sum * square + 1.0 / 9;
        sum = sum * square - 1.0 / 7;
        sum = sum * square + 1.0 / 5;
        sum = sum * square - 1.0 / 3;
        return arcTangents[k] + (arcTangentRests[k] + (t + t * square * sum));
    }

    private static (double Difference, double Lost) Difference(double a, double b)
    {
        var difference = a - b;
        var taken = a - difference;
        return (difference, a - (difference + taken) - (b - taken));
    }

    /// <summary>(sin r - r) / r^3 as a polynomial of r^2.</summary>
    private static double SineSeries(double square)
    {
        var sum = 1.0 / 355687428096000;
        sum = sum * square - 1.0 / 1307674368000;
        sum = sum * square + 1.0 / 6227020800;
        sum = sum * square - 1.0 / 39916800;
        sum = sum * square + 1.0 / 362880;
        sum = sum * square - 1.0 / 5040;
        sum = sum * square + 1.0 / 120;
        return sum * square - 1.0 / 6;
    }

    /// <summary>(cos r - 1 + r^2/2) / r^4 as a polynomial of r^2.</summary>
    private static double CosineSeries(double square)
    {
        var sum = 1.0 / 20922789888000;
        sum = sum * square - 1.0 / 87178291200;
        sum = sum * square + 1.0 / 479001600;
        sum = sum * square - 1.0 / 3628800;
        sum = sum * square + 1.0 / 40320;
        sum = sum * square - 1.0 / 720;
        return sum * square + 1.0 / 24;
    }
}
