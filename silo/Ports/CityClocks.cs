using CitySafeSense.Contracts.Ports;

namespace CitySafeSense.Silo.Ports;

/// <summary>Production: the city's time is the real one.</summary>
public sealed class RealCityClock(TimeProvider time) : ICityClock
{
    public DateTimeOffset Now => time.GetUtcNow();
    public bool IsStepped => false;
}

/// <summary>
/// Simulation: what a virtual city says, and it never goes back; the beginning of time before it said anything, so that nothing is late. Where devices send
/// by credentials of their own and nobody has said what time it is, it is the real one.
/// </summary>
/// <param name="real">Nothing where time is never real.</param>
public sealed class VirtualCityClock(TimeProvider? real = null) : ICityClock
{
    private const long Untold = -1;
    private long unixMilliseconds = real is null ? 0 : Untold;

    private volatile bool followsReal, isStepped;

    public bool IsStepped => isStepped;

    /// <summary>From now on time passes in steps.</summary>
    public void Step() => isStepped = true;

    public DateTimeOffset Now => Told ?? (followsReal ? real!.GetUtcNow() : DateTimeOffset.UnixEpoch);

    /// <summary>Until a virtual city says otherwise.</summary>
    public void FollowReal() => followsReal = real is not null;

    /// <summary>What the virtual city said; nothing before it said anything.</summary>
    public DateTimeOffset? Told => Volatile.Read(ref unixMilliseconds) is >= 0 and var told ? DateTimeOffset.FromUnixTimeMilliseconds(told) : null;

    public void Advance(DateTimeOffset to)
    {
        var target = to.ToUnixTimeMilliseconds();
        for (var seen = Volatile.Read(ref unixMilliseconds); target > seen; seen = Volatile.Read(ref unixMilliseconds))
            if (Interlocked.CompareExchange(ref unixMilliseconds, target, seen) == seen) return;
    }
}
