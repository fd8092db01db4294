using CitySafeSense.Contracts.Ports;

namespace CitySafeSense.Silo.Ports;

/// <summary>Production: the city's time is the real one.</summary>
public sealed class RealCityClock(TimeProvider time) : ICityClock
{
    public DateTimeOffset Now => time.GetUtcNow();
}

/// <summary>Simulation: the virtual city says what time it is, and time never goes back.</summary>
public sealed class VirtualCityClock : ICityClock
{
    private long unixMilliseconds;

    public DateTimeOffset Now => DateTimeOffset.FromUnixTimeMilliseconds(Volatile.Read(ref unixMilliseconds));

    public void Advance(DateTimeOffset to)
    {
        var target = to.ToUnixTimeMilliseconds();
        for (var seen = Volatile.Read(ref unixMilliseconds); target > seen; seen = Volatile.Read(ref unixMilliseconds))
            if (Interlocked.CompareExchange(ref unixMilliseconds, target, seen) == seen) return;
    }
}
