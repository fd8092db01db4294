namespace CitySafeSense.Hotspots;

/// <summary>
/// Page-Hinkley's test for a rise of the mean: the sum of x - mean - delta less its smallest value so far, against lambda
/// (Page 1954, Hinkley 1971; mean over all that was seen). Needs no baseline.
/// </summary>
public struct PageHinkley(double delta, double lambda)
{
    private long count;
    private double mean, sum, smallest;

    public double Statistic => sum - smallest;

    internal readonly void Write(BinaryWriter writer)
    {
        writer.Write(count);
        writer.Write(mean);
        writer.Write(sum);
        writer.Write(smallest);
    }

    /// <summary>This one, gone on to where another was.</summary>
    internal readonly PageHinkley Read(BinaryReader reader) =>
        this with { count = reader.ReadInt64(), mean = reader.ReadDouble(), sum = reader.ReadDouble(), smallest = reader.ReadDouble() };

    /// <returns>The statistic over lambda: above 1 is an alarm.</returns>
    public double Add(double value)
    {
        mean += (value - mean) / ++count;
        sum += value - mean - delta;
        smallest = Math.Min(smallest, sum);
        return Statistic / lambda;
    }
}
