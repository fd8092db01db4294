using CitySafeSense.Numerics;

namespace CitySafeSense.Sensing.Generator;

/// <summary>Something that happens within a window on top of the activity. All but <see cref="None"/> are the harmless things that look like harm.</summary>
public enum Manoeuvre
{
    None,
    Turn,
    Stumble,
    Jump,
    RunForBus,
    PhoneDropped,
    PulledFromPocket,
    HardBraking,
    StopAndGo,
    Shout,
}

/// <summary>How often everybody's day has which hard negative.</summary>
public static class Manoeuvres
{
    /// <summary>What may happen while somebody does this; most often nothing.</summary>
    public static Manoeuvre Draw(ActivityClass activity, Rng rng)
    {
        var u = rng.NextDouble();
        return activity switch
        {
            ActivityClass.Stationary => u switch
            {
                < 0.07 => Manoeuvre.PhoneDropped,
                < 0.19 => Manoeuvre.PulledFromPocket,
                < 0.25 => Manoeuvre.Jump,
                < 0.29 => Manoeuvre.Shout,
                _ => Manoeuvre.None,
            },
            ActivityClass.Walking => u switch
            {
                < 0.12 => Manoeuvre.Turn,
                < 0.21 => Manoeuvre.Stumble,
                < 0.30 => Manoeuvre.RunForBus,
                < 0.35 => Manoeuvre.PhoneDropped,
                < 0.41 => Manoeuvre.PulledFromPocket,
                < 0.44 => Manoeuvre.Jump,
                < 0.47 => Manoeuvre.Shout,
                _ => Manoeuvre.None,
            },
            ActivityClass.SlowWalking => u switch
            {
                < 0.15 => Manoeuvre.Turn,
                < 0.35 => Manoeuvre.StopAndGo,
                < 0.41 => Manoeuvre.Stumble,
                < 0.46 => Manoeuvre.PulledFromPocket,
                _ => Manoeuvre.None,
            },
            ActivityClass.Riding => u < 0.15 ? Manoeuvre.HardBraking : Manoeuvre.None,
            _ => Manoeuvre.None,
        };
    }
}
