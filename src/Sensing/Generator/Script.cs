using CitySafeSense.Numerics.Geometry;

namespace CitySafeSense.Sensing.Generator;

/// <summary>What happens in one window, in seconds from its start: where the body wants to go, and what is done to it. <see cref="PersonSignal"/> turns it into physics.</summary>
internal sealed class Script
{
    /// <summary>From <paramref name="At"/> on: the speed and course that are aimed at and how fast they are reached.</summary>
    public readonly record struct Leg(
        double At, double Speed, double TurnRadians, double SecondsToReach, double Cadence, double GaitStrength, double RhythmJitter, double Vibration);

    /// <summary>A change of velocity forced on the body, m/s relative to the course at the start of the window (x forward, y left).</summary>
    public readonly record struct Push(double At, double Duration, Vector2D DeltaVelocity);

    /// <summary>A short blow that decays, m/s2 forward, left, up.</summary>
    public readonly record struct Impact(double At, Vector3D Peak, double DecaySeconds);

    /// <summary>The trunk bends and straightens again.</summary>
    public readonly record struct Lurch(double At, double Duration, double PitchRadians, double RollRadians);

    /// <summary>The phone is turned to another pose, shaken meanwhile, m/s2.</summary>
    public readonly record struct Handling(double At, double Duration, Rotation Target, double Shake);

    /// <summary>Something loud, decibels above the surroundings.</summary>
    public readonly record struct Sound(double At, double Duration, double Decibels);

    public List<Leg> Legs { get; } = [];
    public List<Push> Pushes { get; } = [];
    public List<Impact> Impacts { get; } = [];
    public List<Lurch> Lurches { get; } = [];
    public List<Handling> Handlings { get; } = [];
    public List<Sound> Sounds { get; } = [];

    /// <summary>The phone alone falls from this instant for this long, strikes, and lies there.</summary>
    public (double At, double Seconds, double ImpactMetresPerSecond2)? Drop { get; set; }

    public double AmbientDecibels { get; set; } = -45;
}
