using System.Globalization;

namespace CitySafeSense.Federation;

/// <summary>Whether versions go on by themselves when they may.</summary>
public enum ReleasePace
{
    Automatic,
    ByHand,
}

/// <summary>What a version must show before it goes on.</summary>
public sealed record ReleasePolicy
{
    public ReleasePace Pace { get; init; } = ReleasePace.Automatic;

    /// <summary>Windows a candidate has answered in a stage before it is decided about.</summary>
    public int WindowsMin { get; init; } = 200;

    /// <summary>Share of the devices that answers with a candidate in the canary stage.</summary>
    public double CanaryShare { get; init; } = 0.2;

    /// <summary>How much of the accuracy on held-out windows it may lose.</summary>
    public double AccuracyLossMax { get; init; } = 0.02;

    /// <summary>How many times as often it may alarm, or fall silent, beyond what chance explains.</summary>
    public double AlarmFactorMax { get; init; } = 1.5;

    /// <exception cref="ArgumentException">Names the setting and the range allowed.</exception>
    public void Validate()
    {
        Require(WindowsMin is >= 1 and <= 10_000_000, "windows", "1 to 10000000");
        Require(CanaryShare is > 0 and <= 0.5, "canary share", "above 0 and up to 0.5");
        Require(AccuracyLossMax is >= 0 and <= 1, "accuracy loss", "0 to 1");
        Require(AlarmFactorMax is >= 1 and <= 100, "alarm factor", "1 to 100");
    }

    private static void Require(bool holds, string setting, string range)
    {
        if (!holds) throw new ArgumentException($"release: {setting} must be {range}");
    }
}

/// <summary>How often a candidate alarmed, and the released version beside it.</summary>
public readonly record struct TrialCounts(long Windows, long Alarms, long ReleasedWindows, long ReleasedAlarms)
{
    public static TrialCounts operator +(TrialCounts a, TrialCounts b) =>
        new(a.Windows + b.Windows, a.Alarms + b.Alarms, a.ReleasedWindows + b.ReleasedWindows, a.ReleasedAlarms + b.ReleasedAlarms);
}

/// <summary>Accuracy on the same held-out windows.</summary>
public readonly record struct HeldOutAccuracy(double Released, double Candidate);

/// <summary>What is to become of a candidate.</summary>
public enum Verdict
{
    Waits,
    Passes,
    Fails,
}

/// <summary>Decides whether a candidate may go on: by accuracy where windows were held out for it, and by how often it alarms.</summary>
public static class ReleaseGate
{
    /// <param name="heldOut">Nothing where no windows are held out.</param>
    public static (Verdict Verdict, string Reason) Judge(ReleasePolicy policy, TrialCounts seen, HeldOutAccuracy? heldOut)
    {
        if (heldOut is { } accuracy && accuracy.Candidate < accuracy.Released - policy.AccuracyLossMax)
            return (Verdict.Fails, Said($"{accuracy.Candidate:P1} of the held-out windows are right, {accuracy.Released:P1} of them were"));
        if (Math.Min(seen.Windows, seen.ReleasedWindows) < policy.WindowsMin)
            return (Verdict.Waits, $"{Math.Min(seen.Windows, seen.ReleasedWindows)} of {policy.WindowsMin} windows seen");
        var (rate, before) = (seen.Alarms / (double)seen.Windows, seen.ReleasedAlarms / (double)seen.ReleasedWindows);
        // Three standard deviations of the difference of two Poisson counts.
        var chance = 3 * Math.Sqrt(seen.Alarms / Square(seen.Windows) + Square(policy.AlarmFactorMax) * seen.ReleasedAlarms / Square(seen.ReleasedWindows));
        if (rate - policy.AlarmFactorMax * before > chance) return (Verdict.Fails, Said($"it alarms at {rate:P1} of the windows, the released version at {before:P1}"));
        if (before - policy.AlarmFactorMax * rate > chance) return (Verdict.Fails, Said($"it falls silent: alarms at {rate:P1} of the windows, the released version at {before:P1}"));
        return (Verdict.Passes, Said($"alarms at {rate:P1} of the windows, the released version at {before:P1}"));
    }

    private static double Square(double value) => value * value;

    private static string Said(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
