namespace CitySafeSense.Hotspots;

/// <summary>When bins open and close.</summary>
public sealed record BinClock(int BinSeconds, int LatenessSeconds)
{
    private const int AheadSeconds = 120;

    public long StartOf(long unixSeconds) => unixSeconds - Mod(unixSeconds, BinSeconds);

    /// <summary>Nothing is added to a bin once this is true.</summary>
    public bool IsClosed(long binStart, long nowUnixSeconds) => nowUnixSeconds >= binStart + BinSeconds + LatenessSeconds;

    /// <summary>Start of the last bin that is closed.</summary>
    public long LastClosed(long nowUnixSeconds) => StartOf(nowUnixSeconds - LatenessSeconds) - BinSeconds;

    /// <summary>Bins of a cell that may be open or wait for its region at once: those that lateness and clocks two minutes ahead ask for, and two that wait.</summary>
    public int BinsInHand => 5 + (LatenessSeconds + AheadSeconds) / BinSeconds;

    private static long Mod(long value, long divisor) => (value % divisor + divisor) % divisor;
}
