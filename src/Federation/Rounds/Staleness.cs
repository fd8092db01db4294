using CitySafeSense.Numerics;

namespace CitySafeSense.Federation;

/// <summary>How much an update counts that started from an older version than the one it is added to (FedBuff, Nguyen et al. 2022, section 5: polynomial with exponent one half).</summary>
public static class Staleness
{
    /// <summary>Rounds after which a report is waited for no longer.</summary>
    public const int RoundsMax = 20;

    /// <param name="rounds">Since the version it started from.</param>
    public static double Factor(int rounds) => 1 / Math.Sqrt(1 + rounds);

    /// <summary>The update as it counts.</summary>
    public static float[] Scaled(float[] update, int rounds)
    {
        if (rounds > 0) Kernels.Chosen.Scale((float)Factor(rounds), update);
        return update;
    }
}
