using CitySafeSense.Numerics;

namespace CitySafeSense.Hotspots;

/// <summary>
/// Exponentially weighted moving average of standardised residuals, z = lambda x + (1 - lambda) z, with the exact limits of its
/// first steps: L sqrt(lambda / (2 - lambda) (1 - (1 - lambda)^2i)) (Roberts 1959; Montgomery, equation 9.25). Sees small shifts that last.
/// </summary>
public struct Ewma(double lambda, double limit)
{
    private int steps;

    /// <summary>The average, in standard deviations of one residual.</summary>
    public double Value { get; private set; }

    /// <summary>How far the average may lie from zero after so many steps.</summary>
    public static double LimitAt(int step, double lambda, double limit) => limit * Math.Sqrt(lambda / (2 - lambda) * (1 - Elementary.Power(1 - lambda, 2 * step)));

    internal readonly void Write(BinaryWriter writer)
    {
        writer.Write(steps);
        writer.Write(Value);
    }

    /// <summary>This one, gone on to where another was.</summary>
    internal readonly Ewma Read(BinaryReader reader) => this with { steps = reader.ReadInt32(), Value = reader.ReadDouble() };

    /// <returns>The average over its limit: above 1 is out of the ordinary, below -1 too.</returns>
    public double Add(double residual)
    {
        Value = lambda * residual + (1 - lambda) * Value;
        return Value / LimitAt(++steps, lambda, limit);
    }
}
