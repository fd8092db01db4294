using CitySafeSense.Numerics;
using CitySafeSense.Numerics.Geometry;

namespace CitySafeSense.Sensing.Generator;

/// <summary>Speed and course as a phone's receiver gives them: one fix a second, held in between, smoothed, noisy, and sometimes none at all.</summary>
internal sealed class GnssReceiver(Person person, Rng rng)
{
    private const int Speed = 6, SinCourse = 7, CosCourse = 8;

    private Vector2D smoothed;
    private double untilFix = rng.NextDouble();
    private float speed, sinCourse, cosCourse = 1;

    /// <summary>Whether this window has fixes. Urban canyons last: a lost signal tends to stay lost.</summary>
    public bool Fixed { get; private set; } = true;

    public void BeginWindow()
    {
        const double Stay = 0.6;
        if (!rng.Chance(Stay)) Fixed = !rng.Chance(person.GnssDropout);
    }

    /// <summary>The velocity has been this for some seconds.</summary>
    public void Settle(Vector2D velocity)
    {
        smoothed = velocity;
        Fix();
    }

    public void Sample(float[] values, int t, Vector2D velocity, double dt)
    {
        smoothed += (velocity - smoothed) * (1 - Elementary.Exp(-dt / 0.4));
        untilFix -= dt;
        if (untilFix <= 0)
        {
            untilFix += 1;
            Fix();
        }
        var samples = WindowSchema.Default.Samples;
        values[Speed * samples + t] = speed;
        values[SinCourse * samples + t] = sinCourse;
        values[CosCourse * samples + t] = cosCourse;
    }

    private void Fix()
    {
        var measured = Math.Max(0, smoothed.Length + person.GnssSpeedNoise * rng.Gaussian());
        speed = (float)measured;
        if (measured <= 0.5) return; // below that a receiver holds its last course
        var clockwiseFromNorth = Elementary.Atan2(smoothed.X, smoothed.Y) + 0.3 / measured * rng.Gaussian();
        var (sin, cos) = Elementary.SinCos(clockwiseFromNorth);
        (sinCourse, cosCourse) = ((float)sin, (float)cos);
    }
}
