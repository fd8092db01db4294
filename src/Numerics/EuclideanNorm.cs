namespace CitySafeSense.Numerics;

/// <summary>The length of a vector, accumulated in double precision: a clip bound must not depend on rounding.</summary>
public static class EuclideanNorm
{
    public static double Of(ReadOnlySpan<float> x)
    {
        var sum = 0.0;
        foreach (var value in x) sum += (double)value * value;
        return Math.Sqrt(sum);
    }
}
