namespace CitySafeSense.EmbeddedOrleans.Deterministic;

/// <summary>How often what goes wrong; shares are of single events, between 0 and 1.</summary>
public sealed record Faults
{
    public static Faults None { get; } = new();

    /// <summary>Of turns that resume: the activation dies instead, in the middle of its call.</summary>
    public double ActivationDies { get; init; }

    /// <summary>Of calls: the request or the answer is lost, and the caller's patience ends.</summary>
    public double CallIsLost { get; init; }

    /// <summary>Of commits: refused with an error, nothing written.</summary>
    public double CommitFails { get; init; }

    /// <summary>Of commits: take as long as <see cref="SlowCommit"/>.</summary>
    public double CommitIsSlow { get; init; }

    public TimeSpan SlowCommit { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>A planted fault that a check must find: who writes is told so before it is on disk.</summary>
    public bool AcknowledgeBeforeSync { get; init; }

    /// <exception cref="ArgumentException">Names the setting and the range allowed.</exception>
    public void Validate()
    {
        foreach (var (share, name) in new[] { (ActivationDies, nameof(ActivationDies)), (CallIsLost, nameof(CallIsLost)), (CommitFails, nameof(CommitFails)), (CommitIsSlow, nameof(CommitIsSlow)) })
            if (share is not (>= 0 and <= 1)) throw new ArgumentException($"{name} must be 0 to 1");
        if (SlowCommit < TimeSpan.Zero) throw new ArgumentException($"{nameof(SlowCommit)} must be zero or more");
    }
}
