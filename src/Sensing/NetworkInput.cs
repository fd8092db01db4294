namespace CitySafeSense.Sensing;

/// <summary>Turns a window into what a network sees: scaled signals, then one constant channel for each instrument, 1 where it is present.</summary>
public static class NetworkInput
{
    /// <param name="input">[schema.NetworkChannels, samples], overwritten.</param>
    public static void Write(SensorWindow window, ChannelScaling scaling, Span<float> input)
    {
        var schema = window.Schema;
        if (input.Length != schema.NetworkChannels * schema.Samples)
            throw new ArgumentException($"an input of {schema.NetworkChannels} x {schema.Samples} values is needed, not {input.Length}");
        for (var c = 0; c < schema.Channels.Count; c++)
        {
            var target = input.Slice(c * schema.Samples, schema.Samples);
            if (!window.Has(schema.Channels[c].Group))
            {
                target.Clear();
                continue;
            }
            var source = window[c];
            var (centre, factor) = (scaling.Centre[c], 1 / scaling.Scale[c]);
            for (var t = 0; t < source.Length; t++) target[t] = (source[t] - centre) * factor;
        }
        for (var g = 0; g < WindowSchema.Groups.Length; g++)
            input.Slice((schema.Channels.Count + g) * schema.Samples, schema.Samples).Fill(window.Has(WindowSchema.Groups[g]) ? 1 : 0);
    }
}
