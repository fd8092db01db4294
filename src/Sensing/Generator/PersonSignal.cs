using CitySafeSense.Numerics;
using CitySafeSense.Numerics.Geometry;

namespace CitySafeSense.Sensing.Generator;

/// <summary>
/// One person's unbroken stream of windows: a script becomes trunk motion, trunk motion becomes what an accelerometer, a
/// gyroscope, a GNSS receiver and a level meter in a phone would read. Same person, seed and scripts: same bits.
/// </summary>
public sealed class PersonSignal(Person person, Rng rng)
{
    private const double Gravity = 9.80665;
    private static readonly WindowSchema Schema = WindowSchema.Default;

    private readonly Gait gait = new(person);
    private readonly GnssReceiver gnss = new(person, rng);
    private readonly LevelMeter meter = new(person, rng);
    private Vector2D velocity;
    private double yaw = rng.Uniform(-Math.PI, Math.PI);
    private double course = double.NaN;
    private Rotation carried = person.PhonePose;
    private Vector3D vibration;
    private ActivityClass? previous;

    /// <summary>Metres moved since the stream began, east and north.</summary>
    public Vector2D PositionMetres { get; private set; }

    /// <summary>Points the next steps this way, counter-clockwise from east: a virtual city's streets decide, not the signal.</summary>
    public void Head(double yawRadians) => course = yawRadians;

    public SensorWindow Next(ActivityClass activity, Manoeuvre manoeuvre)
    {
        var script = ScriptWriter.Write(activity, manoeuvre, person, rng);
        var samples = Schema.Samples;
        var dt = 1 / Schema.SampleRateHertz;
        if (double.IsNaN(course)) course = yaw;
        gnss.BeginWindow();
        if (previous != activity && !Continues(previous, activity))
        {
            // Time has passed between the two windows: body and receiver have long settled.
            velocity = Direction(course) * script.Legs[0].Speed;
            gnss.Settle(velocity);
        }
        previous = activity;
        var start = course;
        var values = new float[Schema.Length];
        var from = carried;
        var motion = Step(script, 0, 0, start);
        var attitude = Attitude(script, 0, motion, from);
        for (var t = 0; t < samples; t++)
        {
            var seconds = t * dt;
            var before = velocity;
            var next = Step(script, seconds, dt, start);
            var nextAttitude = Attitude(script, seconds + dt, next, from);
            var forward = Direction(next.YawRadians);
            var left = new Vector2D(-forward.Y, forward.X);
            var horizontal = (velocity - before) / dt + next.Oscillation.X * forward + next.Oscillation.Y * left;
            var world = new Vector3D(horizontal.X, horizontal.Y, next.Oscillation.Z + Gravity);
            WriteImu(values, t, SpecificForce(script, seconds, world, attitude), attitude, nextAttitude, dt);
            gnss.Sample(values, t, velocity, dt);
            meter.Sample(values, t, script, seconds);
            PositionMetres += velocity * dt;
            attitude = nextAttitude;
        }
        FinishHandling(script);
        course = yaw;
        return new SensorWindow(Schema, values, ChannelGroups.Imu | (gnss.Fixed ? ChannelGroups.Gnss : 0) | (meter.Allowed ? ChannelGroups.Acoustic : 0));
    }

    /// <summary>Advances the trunk by dt towards what the script wants, and reports it.</summary>
    private TrunkMotion Step(Script script, double seconds, double dt, double start)
    {
        var leg = script.Legs[0];
        foreach (var candidate in script.Legs)
            if (candidate.At <= seconds) leg = candidate;
        var aim = start + leg.TurnRadians;
        if (dt > 0)
        {
            var pull = 1 - Elementary.Exp(-dt / leg.SecondsToReach);
            velocity += (Direction(aim) * leg.Speed - velocity) * pull;
            foreach (var push in script.Pushes)
            {
                // A raised cosine, so that the acceleration starts and ends at zero.
                var inside = (seconds - push.At) / push.Duration;
                if (inside is < 0 or >= 1) continue;
                var share = (1 - Elementary.Cos(2 * Math.PI * inside)) * dt / push.Duration;
                velocity += push.DeltaVelocity.Rotated(start) * share;
            }
            yaw += Wrap(aim - yaw) * (1 - Elementary.Exp(-dt / Math.Min(leg.SecondsToReach, 0.6)));
            gait.Advance(leg.Cadence, dt, leg.RhythmJitter, rng);
        }
        var white = new Vector3D(rng.Gaussian(), rng.Gaussian(), rng.Gaussian());
        vibration = 0.6 * vibration + 0.8 * white;
        var oscillation = gait.Acceleration(leg.GaitStrength) + leg.Vibration * new Vector3D(0.6 * vibration.X, 0.6 * vibration.Y, vibration.Z);
        foreach (var impact in script.Impacts)
        {
            var since = seconds - impact.At;
            if (since >= 0) oscillation += impact.Peak * (Elementary.Exp(-since / impact.DecaySeconds) * Elementary.Cos(2 * Math.PI * since / (4 * impact.DecaySeconds)));
        }
        var sway = gait.Sway(leg.GaitStrength);
        var (pitch, roll) = (sway.Pitch, sway.Roll);
        foreach (var lurch in script.Lurches)
        {
            var inside = (seconds - lurch.At) / lurch.Duration;
            if (inside is < 0 or > 1) continue;
            var bend = (1 - Elementary.Cos(2 * Math.PI * inside)) / 2;
            pitch += bend * lurch.PitchRadians;
            roll += bend * lurch.RollRadians;
        }
        return new TrunkMotion(velocity, oscillation, yaw + sway.Yaw, pitch + sway.Swing, roll);
    }

    /// <summary>Phone to world: the trunk's attitude, then how the phone sits in it; after a drop, the phone's own tumbling.</summary>
    private static Rotation Attitude(Script script, double seconds, TrunkMotion motion, Rotation from)
    {
        var pose = from;
        foreach (var handling in script.Handlings)
        {
            var inside = Math.Clamp((seconds - handling.At) / handling.Duration, 0, 1);
            pose = Rotation.Interpolate(pose, handling.Target, (1 - Elementary.Cos(Math.PI * inside)) / 2);
        }
        if (script.Drop is not { } drop || seconds < drop.At) return motion.Attitude * pose;
        var tumble = Math.Min(seconds - drop.At, drop.Seconds);
        return Rotation.About(new Vector3D(1, 0.4, 0.2), 9 * tumble) * pose;
    }

    /// <summary>What the accelerometer feels, in the world's frame: everything but free fall, rattle and handling included.</summary>
    private Vector3D SpecificForce(Script script, double seconds, Vector3D world, Rotation attitude)
    {
        if (script.Drop is { } drop && seconds >= drop.At)
        {
            var landed = seconds - drop.At - drop.Seconds;
            if (landed < 0) return Vector3D.Zero;
            var ring = drop.ImpactMetresPerSecond2 * Elementary.Exp(-landed / 0.04) * Elementary.Cos(2 * Math.PI * 18 * landed);
            return new Vector3D(0.4 * ring, 0.2 * ring, Gravity + ring);
        }
        foreach (var handling in script.Handlings)
        {
            var inside = (seconds - handling.At) / handling.Duration;
            if (inside is < 0 or > 1) continue;
            var swing = handling.Shake * Elementary.Sin(2 * Math.PI * inside);
            world += attitude.Apply(new Vector3D(swing, 0.6 * swing, 0)) + 0.3 * handling.Shake * rng.Gaussian() * Vector3D.UnitZ;
        }
        return world;
    }

    private void WriteImu(float[] values, int t, Vector3D force, Rotation attitude, Rotation next, double dt)
    {
        var toPhone = attitude.Inverse;
        var acceleration = toPhone.Apply(force) + person.AccelerometerBias;
        var rate = (toPhone * next).ToVector() / dt;
        for (var c = 0; c < 3; c++)
        {
            values[c * Schema.Samples + t] = (float)(acceleration[c] + person.AccelerometerNoise * rng.Gaussian());
            values[(3 + c) * Schema.Samples + t] = (float)(rate[c] + person.GyroscopeNoise * rng.Gaussian());
        }
    }

    private void FinishHandling(Script script)
    {
        foreach (var handling in script.Handlings) carried = handling.Target;
        if (script.Drop is not null) carried = Rotation.Random(rng);
        else if (rng.Chance(0.25)) carried = Rotation.Interpolate(carried, person.PhonePose, 0.7); // back where it belongs
    }

    /// <summary>A mugging grows out of walking and a car is left at walking pace; anything else begins at its own speed.</summary>
    private static bool Continues(ActivityClass? before, ActivityClass now) =>
        before is ActivityClass.Walking or ActivityClass.SlowWalking or ActivityClass.Mugging or ActivityClass.ForcedMovement
        && now is not ActivityClass.Riding;

    private static Vector2D Direction(double yaw) => Vector2D.Polar(1, yaw);

    private static double Wrap(double angle) => Math.IEEERemainder(angle, 2 * Math.PI);
}
