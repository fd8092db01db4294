namespace CitySafeSense.Sensing;

/// <summary>How much a window's velocity changed from its first to its last fix, m/s, east and north. Nothing without GNSS.</summary>
public readonly record struct VelocityChange(float EastMetresPerSecond, float NorthMetresPerSecond)
{
    private const int Speed = 6, SinCourse = 7, CosCourse = 8;

    public float MagnitudeMetresPerSecond => MathF.Sqrt(EastMetresPerSecond * EastMetresPerSecond + NorthMetresPerSecond * NorthMetresPerSecond);

    /// <summary>Course is clockwise from north, so east = speed * sin(course).</summary>
    public static VelocityChange Of(SensorWindow window)
    {
        if (!window.Has(ChannelGroups.Gnss)) return default;
        var speed = window[Speed];
        var sin = window[SinCourse];
        var cos = window[CosCourse];
        return new(speed[^1] * sin[^1] - speed[0] * sin[0], speed[^1] * cos[^1] - speed[0] * cos[0]);
    }
}
