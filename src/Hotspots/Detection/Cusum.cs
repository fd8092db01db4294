using CitySafeSense.Numerics;

namespace CitySafeSense.Hotspots;

/// <summary>
/// Cumulative sums of standardised residuals above and below a reference value: C+ = max(0, x - k + C+), C- = max(0, -x - k + C-)
/// (Page 1954). Sees shifts of about 2 k, and says since when.
/// </summary>
public struct Cusum(double reference, double decision)
{
    private int aboveSince, belowSince;

    public double Above { get; private set; }
    public double Below { get; private set; }

    /// <summary>Steps since the larger of the sums left zero: how long it has been so.</summary>
    public readonly int Since => Above >= Below ? aboveSince : belowSince;

    /// <returns>The larger sum over the decision value, negative for the sum below: beyond 1 is out of the ordinary.</returns>
    public double Add(double residual)
    {
        Above = Math.Max(0, residual - reference + Above);
        Below = Math.Max(0, -residual - reference + Below);
        aboveSince = Above > 0 ? aboveSince + 1 : 0;
        belowSince = Below > 0 ? belowSince + 1 : 0;
        return Above >= Below ? Above / decision : -Below / decision;
    }

    internal readonly void Write(BinaryWriter writer)
    {
        writer.Write(aboveSince);
        writer.Write(belowSince);
        writer.Write(Above);
        writer.Write(Below);
    }

    /// <summary>This one, gone on to where another was.</summary>
    internal readonly Cusum Read(BinaryReader reader) =>
        this with { aboveSince = reader.ReadInt32(), belowSince = reader.ReadInt32(), Above = reader.ReadDouble(), Below = reader.ReadDouble() };

    /// <summary>Begins anew after an alarm.</summary>
    public void Reset() => (Above, Below, aboveSince, belowSince) = (0, 0, 0, 0);

    /// <summary>
    /// Mean steps to a false alarm of both sums, by Siegmund's approximation (1985): for each (e^(2 b k) - 2 b k - 1) / (2 k^2) with
    /// b = h + 1.166; of two sums half.
    /// </summary>
    public static double AverageRunLength(double reference, double decision)
    {
        var b = decision + 1.166;
        return (Elementary.Exp(2 * reference * b) - 2 * reference * b - 1) / (2 * reference * reference) / 2;
    }
}
