namespace CitySafeSense.Sensing.Recordings;

/// <summary>Six channels of acceleration and rotation, int16 with a scale in the archive, m/s2 and rad/s here.</summary>
public sealed class ImuSignals
{
    private readonly float[][] channels;

    private ImuSignals(float[][] channels) => this.channels = channels;

    public int Samples => channels[0].Length;

    /// <exception cref="RecordingException">An array is missing, of the wrong shape, of an unknown unit or of another rate.</exception>
    public static ImuSignals Read(NpzArchive archive)
    {
        var raw = archive.Read("signals").WithShape(6, -1);
        var samples = raw.Shape[1];
        var counts = raw.AsInt16();
        var scale = archive.Read("scale").WithShape(6).AsDouble();
        var names = archive.Read("channels").WithShape(6).AsText();
        RequireRate(archive);
        var channels = new float[6][];
        for (var c = 0; c < 6; c++)
        {
            if (!double.IsFinite(scale[c]) || scale[c] == 0) throw new RecordingException(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{archive.File}/scale: entry {c} is {scale[c]}; what a count of each channel is worth is needed"));
            var factor = scale[c] * ChannelUnit.Factor(names[c], isRotation: c >= 3);
            channels[c] = new float[samples];
            for (var t = 0; t < samples; t++) channels[c][t] = (float)(counts[c * samples + t] * factor);
        }
        return new ImuSignals(channels);
    }

    /// <summary>The 100 samples from <paramref name="start"/> on as a window that has an IMU and nothing else.</summary>
    /// <exception cref="RecordingException">A value is none that a sensor measures.</exception>
    public SensorWindow Window(long start)
    {
        var schema = WindowSchema.Default;
        var values = new float[schema.Length];
        for (var c = 0; c < 6; c++) channels[c].AsSpan((int)start, schema.Samples).CopyTo(values.AsSpan(c * schema.Samples));
        try
        {
            return new SensorWindow(schema, values, ChannelGroups.Imu);
        }
        catch (InvalidWindowException e)
        {
            throw new RecordingException($"signals, from sample {start} on: {e.Message.Split(':')[0]}, beyond what such a sensor measures: is the scale or the unit another?", e);
        }
    }

    /// <summary>Samples at another rate would be taken for faster or slower movements.</summary>
    private static void RequireRate(NpzArchive archive)
    {
        var rates = archive.Read("fs").AsDouble();
        if (rates is not [var rate]) throw new RecordingException($"{archive.File}/fs: one number is needed, the samples a second, and {rates.Length} are there");
        if (rate != WindowSchema.Default.SampleRateHertz)
            throw new RecordingException(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{archive.File}/fs: {rate} samples a second; windows are of {WindowSchema.Default.SampleRateHertz}: resample the recordings first, such as with scipy.signal.resample_poly"));
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
}
