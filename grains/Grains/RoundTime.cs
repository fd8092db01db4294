using CitySafeSense.Contracts.Ports;

namespace CitySafeSense.Grains;

/// <summary>The time by which rounds begin, wait and end: the real one, or the virtual city's where that passes in steps. Within a step no deadline passes, however slow the machine.</summary>
internal static class RoundTime
{
    public static DateTimeOffset Now(this ICityClock clock, TimeProvider time) => clock.IsStepped ? clock.Now : time.GetUtcNow();
}
