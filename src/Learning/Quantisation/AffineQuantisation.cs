namespace CitySafeSense.Learning;

/// <summary>How eight bits stand for real numbers: real = scale (q - zeroPoint), q from -128 to 127 (Jacob et al. 2018, equation 1).</summary>
public readonly record struct AffineQuantisation(float Scale, int ZeroPoint)
{
    /// <summary>The logistic function's outputs.</summary>
    public static AffineQuantisation Unit { get; } = new(1f / 256, -128);

    /// <summary>Covers a range, and zero exactly: padding is zero.</summary>
    public static AffineQuantisation Covering(float minimum, float maximum)
    {
        (minimum, maximum) = (Math.Min(minimum, 0), Math.Max(maximum, 0));
        var scale = Math.Max((maximum - minimum) / 255, 1e-8f);
        return new(scale, Math.Clamp((int)Math.Round(-128 - minimum / (double)scale), -128, 127));
    }

    /// <summary>The nearest; halves go away from zero, what is outside the range to its end, NaN to zero.</summary>
    public sbyte Quantise(float real)
    {
        var scaled = real * (1 / Scale);
        if (float.IsNaN(scaled)) return (sbyte)ZeroPoint;
        scaled = Math.Clamp(scaled, -512f, 512f);
        return (sbyte)Math.Clamp((int)(scaled + (scaled >= 0 ? 0.5f : -0.5f)) + ZeroPoint, -128, 127);
    }

    public float Dequantise(sbyte q) => Scale * (q - ZeroPoint);
}

/// <summary>A real factor as an integer and a shift, so that a microcontroller without floating point gets the same bits.</summary>
public readonly record struct FixedPointFactor(int Multiplier, int Shift)
{
    /// <summary>A factor from 2^-31 to below 2^29 with 31 significant bits; what is smaller is 0.</summary>
    public static FixedPointFactor Of(double factor)
    {
        if (!(factor >= 0) || factor >= 1 << 29) throw new ArgumentOutOfRangeException(nameof(factor), factor, "a factor is 0 to below 2^29");
        if (factor < 1.0 / (1L << 31)) return new(0, 1);
        var exponent = Math.ILogB(factor) + 1; // factor = mantissa 2^exponent, mantissa from 1/2 to 1
        var multiplier = (long)Math.Round(Math.ScaleB(factor, 31 - exponent), MidpointRounding.AwayFromZero);
        return multiplier == 1L << 31 ? new(1 << 30, 30 - exponent) : new((int)multiplier, 31 - exponent);
    }

    /// <summary>value times the factor, to the nearest integer; halves away from zero.</summary>
    public int Apply(int value) => Round((long)value * Multiplier, Shift);

    /// <summary>value / 2^shift to the nearest integer; halves away from zero. Far beyond eight bits it stops at 2^30.</summary>
    public static int Round(long value, int shift)
    {
        var half = 1L << (shift - 1);
        var magnitude = Math.Min((Math.Abs(value) + half) >> shift, 1 << 30);
        return (int)(value >= 0 ? magnitude : -magnitude);
    }
}
