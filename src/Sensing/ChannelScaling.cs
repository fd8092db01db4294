namespace CitySafeSense.Sensing;

/// <summary>Where each channel's values lie: (value - centre) / scale is what a network sees. Part of a model: it is trained with one and useless without.</summary>
public sealed record ChannelScaling(float[] Centre, float[] Scale)
{
    /// <summary>The schema's nominal magnitudes; knows no data.</summary>
    public static ChannelScaling Nominal(WindowSchema schema) =>
        new(new float[schema.Channels.Count], [.. schema.Channels.Select(c => c.NominalScale)]);

    /// <summary>Mean and standard deviation over all windows in which the channel's group is present; nominal where it never is.</summary>
    public static ChannelScaling Fit(WindowSchema schema, IEnumerable<SensorWindow> windows)
    {
        var channels = schema.Channels.Count;
        var count = new long[channels];
        var sum = new double[channels];
        var squares = new double[channels];
        foreach (var window in windows)
        {
            for (var c = 0; c < channels; c++)
            {
                if (!window.Has(schema.Channels[c].Group)) continue;
                foreach (var value in window[c])
                {
                    sum[c] += value;
                    squares[c] += (double)value * value;
                }
                count[c] += schema.Samples;
            }
        }
        var nominal = Nominal(schema);
        for (var c = 0; c < channels; c++)
        {
            if (count[c] == 0) continue;
            var mean = sum[c] / count[c];
            nominal.Centre[c] = (float)mean;
            nominal.Scale[c] = (float)Math.Sqrt(Math.Max(squares[c] / count[c] - mean * mean, 1e-12));
        }
        return nominal;
    }
}
