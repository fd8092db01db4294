using CitySafeSense.Numerics;
using CitySafeSense.Numerics.Geometry;

namespace CitySafeSense.Sensing.Generator;

/// <summary>The oscillation of steps: harmonics of the step frequency up and forward, of the stride frequency sideways, with a phase that wanders.</summary>
public sealed class Gait(Person person)
{
    /// <summary>Radians of one step; a stride is two.</summary>
    public double Phase { get; private set; }

    public void Advance(double cadenceHertz, double seconds, double jitter, Rng rng) =>
        Phase += 2 * Math.PI * cadenceHertz * seconds * (1 + jitter * Math.Sqrt(1 / Math.Max(cadenceHertz * seconds, 1e-3)) * rng.Gaussian() * 0.3);

    /// <summary>m/s2 forward, left, up at this phase.</summary>
    /// <param name="strength">1 for the person's normal walk; it falls with speed and rises in a run.</param>
    public Vector3D Acceleration(double strength)
    {
        double h2 = person.Harmonics.X, h3 = person.Harmonics.Y;
        var up = person.VerticalGain * (Elementary.Cos(Phase) + h2 * Elementary.Cos(2 * Phase + 0.7) + h3 * Elementary.Cos(3 * Phase + 1.9));
        var forward = person.ForwardGain * (Elementary.Sin(Phase + 0.4) + 0.5 * h2 * Elementary.Sin(2 * Phase));
        var left = person.LateralGain * (Elementary.Sin(Phase / 2) + 0.4 * Elementary.Sin(1.5 * Phase + 0.3));
        return strength * new Vector3D(forward, left, up);
    }

    /// <summary>Yaw, pitch, roll of the trunk, and the swing of a phone in a trouser pocket, at this phase.</summary>
    public (double Yaw, double Pitch, double Roll, double Swing) Sway(double strength) => (
        strength * person.TrunkSwayRadians * Elementary.Sin(Phase / 2 + 0.5),
        strength * person.TrunkSwayRadians * 0.4 * Elementary.Sin(Phase + 1.1),
        strength * person.TrunkSwayRadians * 0.6 * Elementary.Sin(Phase / 2),
        strength * person.PocketSwingRadians * Elementary.Sin(Phase / 2 + 0.2));
}
