namespace CitySafeSense.Learning;

/// <summary>Stretches of scores above a threshold. One begins with the first above it, and has ended once so many in a row were not: what flickers is told once.</summary>
/// <param name="calm">Scores in a row that end it.</param>
public sealed class Episodes(int calm = RunningMean.OfASecond)
{
    private int below;

    public bool IsOpen { get; private set; }

    /// <returns>Whether one begins here.</returns>
    public bool Next(bool isAbove)
    {
        below = isAbove ? 0 : below + 1;
        if (IsOpen && below >= calm) IsOpen = false;
        var begins = isAbove && !IsOpen;
        IsOpen |= isAbove;
        return begins;
    }
}
