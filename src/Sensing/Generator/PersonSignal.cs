using System.Numerics;
using CitySafeSense.Numerics;

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
    private Vector2 velocity;
    private double yaw = rng.Uniform(-Math.PI, Math.PI);
    private double course = double.NaN;
    private Quaternion carried = person.PhonePose;
    private Vector3 vibration;
    private ActivityClass? previous;

    /// <summary>Metres moved since the stream began, east and north.</summary>
    public Vector2 PositionMetres { get; private set; }

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
            velocity = Direction(course) * (float)script.Legs[0].Speed;
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
            var left = new Vector2(-forward.Y, forward.X);
            var horizontal = (velocity - before) / (float)dt + next.Oscillation.X * forward + next.Oscillation.Y * left;
            var world = new Vector3(horizontal, next.Oscillation.Z + (float)Gravity);
            WriteImu(values, t, SpecificForce(script, seconds, world, attitude), attitude, nextAttitude, dt);
            gnss.Sample(values, t, velocity, dt);
            meter.Sample(values, t, script, seconds);
            PositionMetres += velocity * (float)dt;
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
            var pull = (float)(1 - Math.Exp(-dt / leg.SecondsToReach));
            velocity += (Direction(aim) * (float)leg.Speed - velocity) * pull;
            foreach (var push in script.Pushes)
            {
                // A raised cosine, so that the acceleration starts and ends at zero.
                var inside = (seconds - push.At) / push.Duration;
                if (inside is < 0 or >= 1) continue;
                var share = (1 - Math.Cos(2 * Math.PI * inside)) * dt / push.Duration;
                velocity += Rotate(push.DeltaVelocity, start) * (float)share;
            }
            yaw += Wrap(aim - yaw) * (1 - Math.Exp(-dt / Math.Min(leg.SecondsToReach, 0.6)));
            gait.Advance(leg.Cadence, dt, leg.RhythmJitter, rng);
        }
        var white = new Vector3((float)rng.Gaussian(), (float)rng.Gaussian(), (float)rng.Gaussian());
        vibration = 0.6f * vibration + 0.8f * white;
        var oscillation = gait.Acceleration(leg.GaitStrength) + (float)leg.Vibration * vibration * new Vector3(0.6f, 0.6f, 1);
        foreach (var impact in script.Impacts)
        {
            var since = seconds - impact.At;
            if (since >= 0) oscillation += impact.Peak * (float)(Math.Exp(-since / impact.DecaySeconds) * Math.Cos(2 * Math.PI * since / (4 * impact.DecaySeconds)));
        }
        var sway = gait.Sway(leg.GaitStrength);
        var (pitch, roll) = (sway.Pitch, sway.Roll);
        foreach (var lurch in script.Lurches)
        {
            var inside = (seconds - lurch.At) / lurch.Duration;
            if (inside is < 0 or > 1) continue;
            var bend = (1 - Math.Cos(2 * Math.PI * inside)) / 2;
            pitch += bend * lurch.PitchRadians;
            roll += bend * lurch.RollRadians;
        }
        return new TrunkMotion(velocity, oscillation, yaw + sway.Yaw, pitch + sway.Swing, roll);
    }

    /// <summary>Phone to world: the trunk's attitude, then how the phone sits in it; after a drop, the phone's own tumbling.</summary>
    private static Quaternion Attitude(Script script, double seconds, TrunkMotion motion, Quaternion from)
    {
        var pose = from;
        foreach (var handling in script.Handlings)
        {
            var inside = Math.Clamp((seconds - handling.At) / handling.Duration, 0, 1);
            pose = Quaternion.Slerp(pose, handling.Target, (float)((1 - Math.Cos(Math.PI * inside)) / 2));
        }
        if (script.Drop is not { } drop || seconds < drop.At) return motion.Attitude * pose;
        var tumble = Math.Min(seconds - drop.At, drop.Seconds);
        return Quaternion.CreateFromAxisAngle(Vector3.Normalize(new Vector3(1, 0.4f, 0.2f)), (float)(9 * tumble)) * pose;
    }

    /// <summary>What the accelerometer feels, in the world's frame: everything but free fall, rattle and handling included.</summary>
    private Vector3 SpecificForce(Script script, double seconds, Vector3 world, Quaternion attitude)
    {
        if (script.Drop is { } drop && seconds >= drop.At)
        {
            var landed = seconds - drop.At - drop.Seconds;
            if (landed < 0) return Vector3.Zero;
            var ring = drop.ImpactMetresPerSecond2 * Math.Exp(-landed / 0.04) * Math.Cos(2 * Math.PI * 18 * landed);
            return new Vector3((float)(0.4 * ring), (float)(0.2 * ring), (float)(Gravity + ring));
        }
        foreach (var handling in script.Handlings)
        {
            var inside = (seconds - handling.At) / handling.Duration;
            if (inside is < 0 or > 1) continue;
            var swing = (float)(handling.Shake * Math.Sin(2 * Math.PI * inside));
            world += Vector3.Transform(new Vector3(swing, 0.6f * swing, 0), attitude) + (float)(0.3 * handling.Shake * rng.Gaussian()) * Vector3.UnitZ;
        }
        return world;
    }

    private void WriteImu(float[] values, int t, Vector3 force, Quaternion attitude, Quaternion next, double dt)
    {
        var toPhone = Quaternion.Conjugate(attitude);
        var acceleration = Vector3.Transform(force, toPhone) + person.AccelerometerBias;
        var turned = toPhone * next;
        if (turned.W < 0) turned = -turned;
        // The rotation vector of the step: 2 * axis * sin(half) for the small angles of one sample.
        var axis = new Vector3(turned.X, turned.Y, turned.Z);
        var sine = axis.Length();
        var rate = sine < 1e-9f ? Vector3.Zero : axis / sine * (float)(2 * Math.Atan2(sine, turned.W) / dt);
        for (var c = 0; c < 3; c++)
        {
            values[c * Schema.Samples + t] = acceleration[c] + (float)(person.AccelerometerNoise * rng.Gaussian());
            values[(3 + c) * Schema.Samples + t] = rate[c] + (float)(person.GyroscopeNoise * rng.Gaussian());
        }
    }

    private void FinishHandling(Script script)
    {
        foreach (var handling in script.Handlings) carried = handling.Target;
        if (script.Drop is not null) carried = Person.RandomRotation(rng);
        else if (rng.Chance(0.25)) carried = Quaternion.Normalize(Quaternion.Slerp(carried, person.PhonePose, 0.7f)); // back where it belongs
    }

    /// <summary>A mugging grows out of walking and a car is left at walking pace; anything else begins at its own speed.</summary>
    private static bool Continues(ActivityClass? before, ActivityClass now) =>
        before is ActivityClass.Walking or ActivityClass.SlowWalking or ActivityClass.Mugging or ActivityClass.ForcedMovement
        && now is not ActivityClass.Riding;

    private static Vector2 Direction(double yaw) => new((float)Math.Cos(yaw), (float)Math.Sin(yaw));

    private static Vector2 Rotate(Vector2 v, double angle)
    {
        var (sin, cos) = Math.SinCos(angle);
        return new((float)(v.X * cos - v.Y * sin), (float)(v.X * sin + v.Y * cos));
    }

    private static double Wrap(double angle) => Math.IEEERemainder(angle, 2 * Math.PI);
}
