using CitySafeSense.Numerics;

namespace CitySafeSense.Federation;

/// <summary>
/// When a client should offer itself again (Bonawitz et al. 2019, section 2.3): a small population often, so that a round finds
/// enough of it; a large one so rarely that the coordinator hears a steady number a second, and never all at once.
/// </summary>
public static class PaceSteering
{
    public const double CheckInsPerSecond = 100;

    private static readonly TimeSpan shortest = TimeSpan.FromMinutes(3), longest = TimeSpan.FromHours(6);

    /// <param name="population">Clients that would take part.</param>
    public static TimeSpan Next(int population, string client)
    {
        var seconds = Math.Clamp(population / CheckInsPerSecond, shortest.TotalSeconds, longest.TotalSeconds);
        var spread = 0.8 + 0.4 * (StableHash.Of(client) % 1000 / 1000.0);
        return TimeSpan.FromSeconds(seconds * spread);
    }
}
