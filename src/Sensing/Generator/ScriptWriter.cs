using CitySafeSense.Numerics;
using CitySafeSense.Numerics.Geometry;

namespace CitySafeSense.Sensing.Generator;

/// <summary>Writes the script of a window from what somebody does and what happens meanwhile. All numbers of behaviour are here; no signal is.</summary>
internal static class ScriptWriter
{
    private const double NormalReach = 0.5;

    public static Script Write(ActivityClass activity, Manoeuvre manoeuvre, Person person, Rng rng)
    {
        var script = new Script();
        switch (activity)
        {
            case ActivityClass.Stationary:
                Stand(script, rng);
                break;
            case ActivityClass.Walking:
                Walk(script, person, rng);
                break;
            case ActivityClass.SlowWalking:
                WalkSlowly(script, person, rng);
                break;
            case ActivityClass.EnteringCar:
                EnterCar(script, person, rng);
                break;
            case ActivityClass.Riding:
                Ride(script, rng);
                break;
            case ActivityClass.ForcedMovement:
                BeForced(script, person, rng);
                break;
            case ActivityClass.Mugging:
                BeMugged(script, person, rng);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(activity), activity, "no such activity");
        }
        Add(manoeuvre, script, person, rng);
        return script;
    }

    private static void Stand(Script script, Rng rng)
    {
        script.Legs.Add(new(0, 0, rng.Uniform(-0.2, 0.2), 0.3, 0.4, rng.Uniform(0, 0.06), 0.3, 0));
        script.AmbientDecibels = rng.Uniform(-60, -38);
        if (rng.Chance(0.35)) // shifting weight, turning to somebody
            script.Lurches.Add(new(rng.Uniform(0, 1.4), rng.Uniform(0.5, 1.2), rng.Gaussian(0, 0.12), rng.Gaussian(0, 0.12)));
    }

    private static void Walk(Script script, Person person, Rng rng)
    {
        var pace = rng.Uniform(0.86, 1.14);
        script.Legs.Add(new(0, person.SpeedMetresPerSecond * pace, rng.Gaussian(0, 0.08), NormalReach, person.CadenceHertz * Math.Sqrt(pace), pace, person.RhythmJitter, 0));
        script.AmbientDecibels = rng.Uniform(-52, -32);
    }

    private static void WalkSlowly(Script script, Person person, Rng rng)
    {
        var pace = rng.Uniform(0.35, 0.72);
        script.Legs.Add(new(0, person.SpeedMetresPerSecond * pace, rng.Gaussian(0, 0.15), NormalReach, person.CadenceHertz * (0.45 + 0.45 * pace), 0.25 + 0.65 * pace, 2 * person.RhythmJitter, 0));
        script.AmbientDecibels = rng.Uniform(-55, -35);
    }

    private static void EnterCar(Script script, Person person, Rng rng)
    {
        var arrive = rng.Uniform(-0.2, 0.7);
        if (arrive > 0)
            script.Legs.Add(new(0, person.SpeedMetresPerSecond * 0.6, 0, NormalReach, person.CadenceHertz * 0.8, 0.6, 0.1, 0));
        script.Legs.Add(new(Math.Max(arrive, 0), 0.1, rng.Uniform(0.6, 1.8) * Sign(rng), 0.3, 0.8, 0.12, 0.3, 0));
        var sit = Math.Max(arrive, 0) + rng.Uniform(0.15, 0.5);
        var sitting = Rotation.About(Vector3D.UnitY, -rng.Uniform(0.5, 1.4)) * person.PhonePose;
        script.Handlings.Add(new(sit, rng.Uniform(0.5, 0.9), sitting, rng.Uniform(0.3, 1.5)));
        script.Lurches.Add(new(sit, rng.Uniform(0.6, 1.0), rng.Uniform(0.2, 0.6), rng.Gaussian(0, 0.2)));
        script.Impacts.Add(new(sit + rng.Uniform(0.35, 0.6), new Vector3D(0, 0, rng.Uniform(2, 8)), 0.06));
        var door = sit + rng.Uniform(0.5, 1.2);
        script.Impacts.Add(new(door, new Vector3D(0, rng.Uniform(0.5, 3), rng.Uniform(0.2, 1.5)), 0.03));
        script.Sounds.Add(new(door, 0.15, rng.Uniform(8, 22)));
        script.Legs.Add(new(door, 0, 0, 0.3, 0.5, 0.02, 0.3, rng.Uniform(0.03, 0.2)));
        script.AmbientDecibels = rng.Uniform(-50, -34);
    }

    private static void Ride(Script script, Rng rng)
    {
        var speed = rng.Chance(0.25) ? rng.Uniform(0, 1) : rng.Uniform(2, 16);
        script.Legs.Add(new(0, speed, rng.Chance(0.25) ? rng.Gaussian(0, 0.5) : rng.Gaussian(0, 0.05), rng.Uniform(2, 5), 0.5, 0, 0.3, 0.08 + rng.Uniform(0.02, 0.08) * speed));
        if (rng.Chance(0.2)) // a pothole
            script.Impacts.Add(new(rng.Uniform(0.2, 1.7), new Vector3D(0, rng.Gaussian(0, 1.5), rng.Uniform(3, 12)), 0.05));
        script.AmbientDecibels = rng.Uniform(-44, -28);
    }

    private static void BeForced(Script script, Person person, Rng rng)
    {
        var speed = rng.Uniform(0.25, 1.1);
        var turn = rng.Uniform(-2.8, 2.8);
        var start = rng.Uniform(-0.6, 0.5);
        if (start > 0) script.Legs.Add(new(0, 0, 0, 0.3, 0.5, 0.05, 0.3, 0));
        script.Legs.Add(new(Math.Max(start, 0), speed, turn, 0.35, person.CadenceHertz * rng.Uniform(0.6, 1.1), rng.Uniform(0.25, 0.8), 0.35, 0));
        for (var at = Math.Max(start, 0); at < 2; at += rng.Uniform(0.25, 0.75))
        {
            var along = turn + rng.Gaussian(0, 0.6);
            script.Pushes.Add(new(at, rng.Uniform(0.12, 0.3), Vector2D.Polar(rng.Uniform(0.3, 1.3), along)));
            if (rng.Chance(0.6)) // resistance: pulled back against
                script.Pushes.Add(new(at + rng.Uniform(0.15, 0.35), rng.Uniform(0.12, 0.3), Vector2D.Polar(rng.Uniform(0.2, 0.9), along + Math.PI)));
            if (rng.Chance(0.6))
                script.Lurches.Add(new(at, rng.Uniform(0.3, 0.7), rng.Gaussian(0, 0.2), rng.Gaussian(0, 0.2)));
        }
        if (rng.Chance(0.4)) script.Sounds.Add(new(rng.Uniform(0, 1.5), rng.Uniform(0.3, 0.9), rng.Uniform(6, 18)));
        script.AmbientDecibels = rng.Uniform(-52, -32);
    }

    private static void BeMugged(Script script, Person person, Rng rng)
    {
        Walk(script, person, rng);
        var at = rng.Uniform(0.35, 1.1);
        var from = rng.Uniform(0.9, Math.PI) * Sign(rng);
        script.Pushes.Add(new(at, rng.Uniform(0.2, 0.45), Vector2D.Polar(rng.Uniform(1.2, 3.0), from)));
        script.Lurches.Add(new(at, rng.Uniform(0.35, 0.8), rng.Gaussian(0, 0.3), rng.Gaussian(0, 0.3)));
        var struggle = at;
        while (rng.Chance(0.55) && struggle < 1.7)
        {
            struggle += rng.Uniform(0.15, 0.4);
            script.Pushes.Add(new(struggle, rng.Uniform(0.15, 0.3), Vector2D.Polar(rng.Uniform(0.4, 1.5), rng.Uniform(-Math.PI, Math.PI))));
        }
        var after = at + rng.Uniform(0.2, 0.55);
        var turn = rng.Uniform(1.2, Math.PI) * Sign(rng);
        var outcome = rng.NextDouble();
        if (outcome < 0.45)
        {
            Run(script, after, turn, rng);
        }
        else if (outcome < 0.75) // left standing
        {
            script.Legs.Add(new(after, rng.Uniform(0, 0.3), turn, 0.25, 0.8, 0.1, 0.4, 0));
        }
        else // the phone leaves with somebody else
        {
            script.Handlings.Add(new(at, rng.Uniform(0.2, 0.4), Rotation.Random(rng), rng.Uniform(3, 9)));
            Run(script, after, turn, rng);
        }
        if (rng.Chance(0.5)) script.Sounds.Add(new(at, rng.Uniform(0.3, 0.9), rng.Uniform(8, 20)));
    }

    private static void Run(Script script, double at, double turn, Rng rng) =>
        script.Legs.Add(new(at, rng.Uniform(2.6, 4.5), turn, rng.Uniform(0.35, 0.6), rng.Uniform(2.4, 3.0), rng.Uniform(1.7, 3.0), 0.08, 0));

    private static void Add(Manoeuvre manoeuvre, Script script, Person person, Rng rng)
    {
        var at = rng.Uniform(0.3, 1.2);
        switch (manoeuvre)
        {
            case Manoeuvre.None:
                break;
            case Manoeuvre.Turn:
                script.Legs.Add(script.Legs[^1] with { At = at, TurnRadians = rng.Uniform(0.9, Math.PI) * Sign(rng), SecondsToReach = 0.45 });
                break;
            case Manoeuvre.Stumble:
                script.Impacts.Add(new(at, new Vector3D(rng.Uniform(4, 14), rng.Gaussian(0, 3), rng.Uniform(4, 18)), 0.07));
                script.Pushes.Add(new(at, 0.25, Vector2D.Polar(rng.Uniform(0.4, 1.4), rng.Gaussian(0, 0.3))));
                script.Lurches.Add(new(at, rng.Uniform(0.4, 0.8), rng.Uniform(0.2, 0.6), rng.Gaussian(0, 0.2)));
                break;
            case Manoeuvre.Jump:
                script.Impacts.Add(new(at, new Vector3D(0, 0, rng.Uniform(6, 12)), 0.15));
                script.Impacts.Add(new(at + 0.18, new Vector3D(0, 0, -16), 0.2));
                script.Impacts.Add(new(at + rng.Uniform(0.4, 0.55), new Vector3D(rng.Gaussian(0, 3), rng.Gaussian(0, 3), rng.Uniform(15, 38)), 0.05));
                break;
            case Manoeuvre.RunForBus:
                Run(script, at, rng.Chance(0.3) ? rng.Uniform(0.7, Math.PI) * Sign(rng) : rng.Gaussian(0, 0.2), rng);
                break;
            case Manoeuvre.PhoneDropped:
                script.Drop = (at, rng.Uniform(0.28, 0.5), rng.Uniform(25, 80));
                script.Sounds.Add(new(at + 0.4, 0.1, rng.Uniform(5, 15)));
                break;
            case Manoeuvre.PulledFromPocket:
                script.Handlings.Add(new(at, rng.Uniform(0.35, 0.9), Rotation.Random(rng), rng.Uniform(1.5, 7)));
                break;
            case Manoeuvre.HardBraking:
                script.Pushes.Add(new(at, rng.Uniform(0.5, 1.0), Vector2D.Polar(rng.Uniform(1.5, 4.5), Math.PI + rng.Gaussian(0, 0.1))));
                script.Lurches.Add(new(at, rng.Uniform(0.6, 1.2), rng.Uniform(0.1, 0.35), rng.Gaussian(0, 0.05)));
                break;
            case Manoeuvre.StopAndGo:
                script.Legs.Add(new(at, 0, rng.Gaussian(0, 0.4), 0.25, 0.8, 0.1, 0.3, 0));
                script.Legs.Add(script.Legs[0] with { At = at + rng.Uniform(0.3, 0.7) });
                script.Pushes.Add(new(at, 0.2, Vector2D.Polar(rng.Uniform(0.1, 0.6), rng.Uniform(-Math.PI, Math.PI)))); // jostled in a crowd
                break;
            case Manoeuvre.Shout:
                script.Sounds.Add(new(at, rng.Uniform(0.3, 0.9), rng.Uniform(8, 20)));
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(manoeuvre), manoeuvre, "no such manoeuvre");
        }
    }

    private static double Sign(Rng rng) => rng.Chance(0.5) ? 1 : -1;
}
