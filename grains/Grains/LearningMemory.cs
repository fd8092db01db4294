using CitySafeSense.Contracts;

namespace CitySafeSense.Grains;

/// <summary>
/// The windows that a silo's devices keep to learn from: bounded together, each device with the same share. Where they are full
/// because others have not yet come down to theirs, a device keeps what is enough to take part in a round.
/// </summary>
/// <param name="windows">Of all devices that have any.</param>
public sealed class LearningMemory(int windows = Limits.LearningWindowsPerSilo)
{
    private int devices, kept;

    /// <summary>Windows that one device may keep just now.</summary>
    public int Share => Math.Clamp(windows / Math.Max(1, Volatile.Read(ref devices)), Limits.WindowsToTakePart, Limits.BufferedWindows);

    public bool IsFull => Volatile.Read(ref kept) > windows;

    public void Enter() => Interlocked.Increment(ref devices);

    public void Leave() => Interlocked.Decrement(ref devices);

    /// <param name="more">Windows that a device keeps more than before, or less.</param>
    public void Keep(int more) => Interlocked.Add(ref kept, more);
}
