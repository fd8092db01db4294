namespace CitySafeSense.Learning;

/// <param name="Score">The mean over a second.</param>
/// <param name="Threshold">From which on it is out of the ordinary; nothing where none was learned or given.</param>
/// <param name="Begins">Where a stretch above begins, the share of ordinary scores below this one.</param>
public readonly record struct WatchedScore(double Score, double? Threshold, bool IsAbove, double? Begins);

/// <summary>A room's scores as they come: smoothed, beside a threshold, and told once where a stretch above it begins.</summary>
public sealed class ScoreWatch
{
    private readonly RunningMean smoothed = new(RunningMean.OfASecond);
    private readonly Episodes episodes = new();

    /// <summary>What is ordinary; another model has another.</summary>
    public NormalThreshold Ordinary { get; set; } = Learning();

    public static NormalThreshold Learning() => new(every: RunningMean.OfTenSeconds);

    /// <param name="given">A fixed threshold instead of the learned one.</param>
    public WatchedScore Next(double score, double? given = null)
    {
        var mean = smoothed.Add(score);
        var isAbove = given is { } threshold ? mean > threshold : Ordinary.Judge(mean) > 1;
        return new(mean, given ?? Ordinary.Value, isAbove, episodes.Next(isAbove) ? Ordinary.ShareBelow(mean) : null);
    }
}
