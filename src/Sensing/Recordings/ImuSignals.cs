namespace CitySafeSense.Sensing.Recordings;

/// <summary>Six channels of acceleration and rotation, int16 with a scale in the archive, m/s2 and rad/s here.</summary>
public sealed class ImuSignals
{
    private const double StandardGravity = 9.80665;
    private readonly float[][] channels;

    private ImuSignals(float[][] channels) => this.channels = channels;

    public int Samples => channels[0].Length;

    /// <exception cref="RecordingException">An array is missing, of the wrong shape or of an unknown unit.</exception>
    public static ImuSignals Read(NpzArchive archive)
    {
        var raw = archive.Read("signals").WithShape(6, -1);
        var samples = raw.Shape[1];
        var counts = raw.AsInt16();
        var scale = archive.Read("scale").WithShape(6).AsDouble();
        var names = archive.Read("channels").WithShape(6).AsText();
        var channels = new float[6][];
        for (var c = 0; c < 6; c++)
        {
            var factor = scale[c] * UnitFactor(names[c]);
            channels[c] = new float[samples];
            for (var t = 0; t < samples; t++) channels[c][t] = (float)(counts[c * samples + t] * factor);
        }
        return new ImuSignals(channels);
    }

    /// <summary>The 100 samples from <paramref name="start"/> on as a window that has an IMU and nothing else.</summary>
    public SensorWindow Window(long start)
    {
        var schema = WindowSchema.Default;
        var values = new float[schema.Length];
        for (var c = 0; c < 6; c++) channels[c].AsSpan((int)start, schema.Samples).CopyTo(values.AsSpan(c * schema.Samples));
        return new SensorWindow(schema, values, ChannelGroups.Imu);
    }

    /// <summary>The sample of a stretch at which acceleration is largest.</summary>
    public long HardestJolt(long start, long end)
    {
        var (hardest, at) = (-1.0, start);
        for (var t = start; t < end; t++)
        {
            double x = channels[0][t], y = channels[1][t], z = channels[2][t];
            var size = x * x + y * y + z * z;
            if (size > hardest) (hardest, at) = (size, t);
        }
        return at;
    }

    private static double UnitFactor(string channel)
    {
        if (channel.Contains("deg", StringComparison.OrdinalIgnoreCase) || channel.EndsWith("dps", StringComparison.OrdinalIgnoreCase)) return Math.PI / 180;
        if (channel.Contains("rad", StringComparison.OrdinalIgnoreCase)) return 1;
        if (channel.Contains('g', StringComparison.OrdinalIgnoreCase)) return StandardGravity;
        throw new RecordingException($"channels: \"{channel}\" names no known unit (g, rad/s, deg/s)");
    }
}
