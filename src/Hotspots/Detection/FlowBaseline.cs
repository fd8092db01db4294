namespace CitySafeSense.Hotspots;

/// <summary>
/// What is usual in a cell at each hour of the week, and how much counts scatter around it. Robust: once it has seen a few weeks,
/// an hour that was out of the ordinary moves it no further than by a bounded step. Young hours lean on those beside them.
/// </summary>
public sealed class FlowBaseline
{
    public const int Hours = 168;
    private const int BinsPerHour = 12, Weekend = 5 * 24, WeeksMax = 12, WeeksUntilRobust = 3;
    private const double StepMax = 0.5, PriorBins = 1000, ResidualMax = 60;
    private readonly float[] means = new float[Hours];
    private readonly byte[] weeks = new byte[Hours];

    /// <summary>Made when it is asked for, and anew with each hour that is learned.</summary>
    private double? level;

    /// <summary>Variance over mean of a five-minute count, and of one of half an hour, in which errors of the baseline show too.</summary>
    public double Dispersion { get; private set; } = 1.5;

    public double DispersionOfHalfHours { get; private set; } = 1.5;

    /// <summary>Over the hours of the week that it knows.</summary>
    public double Level => level ??= Average();

    /// <summary>Whether it has seen this hour of the week at all.</summary>
    public bool Knows(int hour) => weeks[hour] > 0;

    /// <summary>Whether it has seen this hour of the week, and not often enough to trust its own eyes.</summary>
    public bool IsYoung(int hour) => weeks[hour] is > 0 and < WeeksUntilRobust;

    /// <summary>The hour as a factor of what is usual over the week; nothing where it is not known.</summary>
    public double? ShapeAt(int hour) => Knows(hour) && Level is > 0 and var level ? means[hour] / level : null;

    /// <summary>Expected of a bin in the middle of so many minutes of the week; between the middles of hours by a cubic through four of them (Catmull and Rom 1974), so that a rush hour keeps its peak.</summary>
    public double Expected(double minuteOfWeek)
    {
        var at = (minuteOfWeek / 60 - 0.5 + Hours) % Hours;
        var (hour, share) = ((int)at, at - (int)at);
        double Near(int offset) => Usual((hour + offset + Hours) % Hours);
        // A mean over an hour is lower than its middle where there is a peak, by a 24th of the second difference.
        var (first, second, third, fourth, fifth, sixth) = (Near(-2), Near(-1), Near(0), Near(1), Near(2), Near(3));
        static double Middle(double left, double mean, double right) => Math.Max(0, mean - (left - 2 * mean + right) / 24);
        var (before, from, to, after) = (Middle(first, second, third), Middle(second, third, fourth), Middle(third, fourth, fifth), Middle(fourth, fifth, sixth));
        var bent = from + share / 2 * (to - before + share * (2 * before - 5 * from + 4 * to - after + share * (3 * (from - to) + after - before)));
        return Math.Clamp(bent, Math.Min(from, to) / 2, 2 * Math.Max(from, to));
    }

    /// <summary>Takes in an hour that is over.</summary>
    /// <param name="perBin">Its mean over the bins.</param>
    public void Learn(int hour, double perBin)
    {
        var (mean, n) = (means[hour], weeks[hour]);
        level = null;
        if (n >= WeeksUntilRobust) perBin = Math.Clamp(perBin, mean * (1 - StepMax), mean * (1 + StepMax) + 0.1);
        weeks[hour] = (byte)Math.Min(n + 1, WeeksMax);
        means[hour] = (float)(mean + (perBin - mean) / Math.Min(n + 1, WeeksMax));
    }

    /// <summary>Takes in how far a count and half an hour lay from what was expected.</summary>
    public void Scatter(double count, double expected, double halfHour, double halfHourExpected)
    {
        Dispersion = Next(Dispersion, count, expected);
        DispersionOfHalfHours = Next(DispersionOfHalfHours, halfHour, halfHourExpected);
    }

    private double Average()
    {
        var (sum, known) = (0.0, 0);
        for (var hour = 0; hour < Hours; hour++)
            if (weeks[hour] > 0) (sum, known) = (sum + means[hour], known + 1);
        return known == 0 ? 0 : sum / known;
    }

    internal void Write(BinaryWriter writer)
    {
        foreach (var mean in means) writer.Write(mean);
        writer.Write(weeks);
        writer.Write(Dispersion);
        writer.Write(DispersionOfHalfHours);
    }

    internal static FlowBaseline Read(BinaryReader reader)
    {
        var baseline = new FlowBaseline();
        for (var hour = 0; hour < Hours; hour++) baseline.means[hour] = reader.ReadSingle();
        if (reader.Read(baseline.weeks) != Hours) throw new EndOfStreamException();
        (baseline.Dispersion, baseline.DispersionOfHalfHours) = (reader.ReadDouble(), reader.ReadDouble());
        return baseline;
    }

    private static double Next(double dispersion, double count, double expected)
    {
        if (expected < 0.2) return dispersion;
        var ratio = (count - expected) * (count - expected) / expected;
        return Math.Max(1, dispersion + (Math.Min(ratio, ResidualMax * dispersion) - dispersion) / PriorBins);
    }

    /// <summary>
    /// Towards the same hour of the other working days, or of the other day of the weekend: a market on Wednesdays stays one.
    /// </summary>
    private double Shrunken(int hour)
    {
        var (first, days) = hour < Weekend ? (hour % 24, 5) : (Weekend + hour % 24, 2);
        var alike = 0.0;
        for (var day = 0; day < days; day++) alike += means[first + 24 * day] / days;
        return Towards(alike, means[hour], hour);
    }

    /// <summary>From what was seen of an hour towards what something like it suggests, as far as chance explains the difference (James and Stein's positive part).</summary>
    public double Towards(double alike, double own, int hour)
    {
        var (difference, chance) = (own - alike, DispersionOfHalfHours * alike / (BinsPerHour * weeks[hour]));
        return difference == 0 ? own : alike + difference * Math.Max(0, 1 - chance / (difference * difference));
    }

    private double Usual(int hour)
    {
        var n = weeks[hour];
        if (n >= WeeksUntilRobust) return Shrunken(hour);
        var beside = (means[(hour + Hours - 1) % Hours] + means[(hour + 1) % Hours]) / 2;
        return (n * means[hour] + beside) / (n + 1);
    }
}
