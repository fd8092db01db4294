namespace CitySafeSense.Learning;

/// <summary>The mean of the last scores: one frame that is blurred or dark is not yet out of the ordinary.</summary>
public sealed class RunningMean(int window)
{
    /// <summary>A second of frames, as rooms look at them.</summary>
    public const int OfASecond = 5;

    /// <summary>How often a room's threshold learns: with 512 scores it knows the last hour and a half.</summary>
    public const int OfTenSeconds = 10 * OfASecond;

    private readonly Queue<double> last = new();

    public double Add(double score)
    {
        last.Enqueue(score);
        if (last.Count > window) last.Dequeue();
        return last.Average();
    }
}
