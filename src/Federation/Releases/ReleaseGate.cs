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
    public int WindowsMin { get; init; } = 100;

    /// <summary>Share of the devices that answers with a candidate in the canary stage.</summary>
    public double CanaryShare { get; init; } = 0.2;

    /// <summary>How much of the accuracy on held-out windows it may lose.</summary>
    public double AccuracyLossMax { get; init; } = 0.02;

    /// <summary>How much more accurate on held-out windows a candidate must be for its alarm rate not to matter.</summary>
    public double ClearGainMin { get; init; } = 0.05;

    /// <summary>How much of the recall of an incident class it may lose on held-out windows, beyond what chance explains.</summary>
    public double RecallLossMax { get; init; } = 0.1;

    /// <summary>How many times as often it may alarm, or fall silent, beyond what chance explains.</summary>
    public double AlarmFactorMax { get; init; } = 1.5;

    /// <summary>Share of the windows at which it may alarm where the released version never does and no windows are held out.</summary>
    public double AlarmShareMax { get; init; } = 0.2;

    /// <summary>Rejections in a row that are a warning.</summary>
    public int RejectionsWarned { get; init; } = 5;

    /// <exception cref="ArgumentException">Names the setting and the range allowed.</exception>
    public void Validate()
    {
        Require(WindowsMin is >= 1 and <= 10_000_000, "windows", "1 to 10000000");
        Require(CanaryShare is > 0 and <= 0.5, "canary share", "above 0 and up to 0.5");
        Require(AccuracyLossMax is >= 0 and <= 1, "accuracy loss", "0 to 1");
        Require(ClearGainMin is >= 0 and <= 1, "clear gain", "0 to 1");
        Require(RecallLossMax is >= 0 and <= 1, "recall loss", "0 to 1");
        Require(AlarmFactorMax is >= 1 and <= 100, "alarm factor", "1 to 100");
        Require(AlarmShareMax is > 0 and <= 1, "alarm share", "above 0 and up to 1");
        Require(RejectionsWarned is >= 1 and <= 1000, "rejections warned", "1 to 1000");
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

/// <summary>What is to become of a candidate.</summary>
public enum Verdict
{
    Waits,
    Passes,
    Fails,
}

/// <summary>
/// Decides whether a candidate may go on. Labelled held-out windows decide where there are any: accuracy, then recall and false
/// alarms of each incident class. How often it alarms on live windows decides the rest, unless the candidate is clearly more
/// accurate or the released version never alarms: such a version would reject every better one for alarming more often.
/// </summary>
public static class ReleaseGate
{
    /// <param name="holdout">Null where no windows are held out.</param>
    public static (Verdict Verdict, string Reason) Decide(ReleasePolicy policy, TrialCounts seen, HoldoutComparison? holdout)
    {
        if (holdout?.Regression(policy) is { } regression) return (Verdict.Fails, $"{regression}: {holdout}");
        var windows = Math.Min(seen.Windows, seen.ReleasedWindows);
        if (windows < policy.WindowsMin) return (Verdict.Waits, $"{windows} of {policy.WindowsMin} windows seen{With(holdout)}");
        if (holdout is not null && holdout.IsClearGain(policy.ClearGainMin)) return (Verdict.Passes, $"clearly more accurate: {holdout}");
        if (holdout is { IsReleasedDegenerate: true }) return (Verdict.Passes, $"no less accurate than a version that never alarms: {holdout}");
        var (verdict, reason) = DecideByAlarms(policy, seen);
        return (verdict, reason + With(holdout));
    }

    private static (Verdict Verdict, string Reason) DecideByAlarms(ReleasePolicy policy, TrialCounts seen)
    {
        var (rate, before) = (seen.Alarms / (double)seen.Windows, seen.ReleasedAlarms / (double)seen.ReleasedWindows);
        var rates = Described($"alarms at {rate:P1} of the windows, the released version at {before:P1}");
        if (seen.ReleasedAlarms == 0) return rate > policy.AlarmShareMax ? (Verdict.Fails, $"{rates}; more than {Described($"{policy.AlarmShareMax:P0}")}") : (Verdict.Passes, rates);
        // Three standard deviations of the difference of two Poisson counts.
        var chance = 3 * Math.Sqrt(seen.Alarms / Square(seen.Windows) + Square(policy.AlarmFactorMax) * seen.ReleasedAlarms / Square(seen.ReleasedWindows));
        if (rate - policy.AlarmFactorMax * before > chance) return (Verdict.Fails, $"too many alarms: {rates}");
        return before - policy.AlarmFactorMax * rate > chance ? (Verdict.Fails, $"too few alarms: {rates}") : (Verdict.Passes, rates);
    }

    private static string With(HoldoutComparison? holdout) => holdout is null ? "" : $"; {holdout}";

    private static double Square(double value) => value * value;

    private static string Described(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
