using CitySafeSense.Contracts.Ports;

namespace CitySafeSense.Silo.Ports;

/// <summary>Production: the city's time is the real one.</summary>
public sealed class RealCityClock(TimeProvider time) : ICityClock
{
    public DateTimeOffset Now => time.GetUtcNow();
}

/// <summary>Simulation: real time until a virtual city says what time it is; from then on it is what that city says, and never goes back.</summary>
/// <param name="real">Nothing where time is virtual from the beginning.</param>
public sealed class VirtualCityClock(TimeProvider? real = null) : ICityClock
{
    private const long Real = -1;
    private long unixMilliseconds = real is null ? 0 : Real;

    public DateTimeOffset Now => Told ?? real!.GetUtcNow();

    /// <summary>What the virtual city said; nothing while time is real.</summary>
    public DateTimeOffset? Told => Volatile.Read(ref unixMilliseconds) is >= 0 and var told ? DateTimeOffset.FromUnixTimeMilliseconds(told) : null;

    public void Advance(DateTimeOffset to)
    {
        var target = to.ToUnixTimeMilliseconds();
        for (var seen = Volatile.Read(ref unixMilliseconds); target > seen; seen = Volatile.Read(ref unixMilliseconds))
            if (Interlocked.CompareExchange(ref unixMilliseconds, target, seen) == seen) return;
    }
}
