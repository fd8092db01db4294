namespace CitySafeSense.Sensing;

/// <summary>
/// A short stretch of signal, checked once: right length, every value finite and sane, absent groups zero.
/// It carries no position, device or time; those are in the header it travels with.
/// </summary>
public sealed class SensorWindow
{
    /// <summary>Beyond what any instrument of the schema can mean, in its unit.</summary>
    public const float MagnitudeMax = 10_000;

    private readonly float[] values;

    /// <param name="values">[channels, samples], in the schema's units. Kept, not copied.</param>
    /// <exception cref="InvalidWindowException">The shape does not fit, or a value is not finite.</exception>
    public SensorWindow(WindowSchema schema, float[] values, ChannelGroups present)
    {
        if (values.Length != schema.Length)
            throw new InvalidWindowException($"a window has {schema.Channels.Count} x {schema.Samples} = {schema.Length} values, not {values.Length}");
        if ((present & ~ChannelGroups.All) != 0)
            throw new InvalidWindowException($"presence bits 0x{(byte)present:x2} name groups that do not exist");
        if ((present & ChannelGroups.Accelerometer) == 0)
            throw new InvalidWindowException("a window without accelerometer says nothing about movement");
        for (var c = 0; c < schema.Channels.Count; c++)
        {
            var channel = values.AsSpan(c * schema.Samples, schema.Samples);
            if ((present & schema.Channels[c].Group) == 0) channel.Clear();
            for (var t = 0; t < channel.Length; t++)
                if (!(Math.Abs(channel[t]) <= MagnitudeMax))
                    throw new InvalidWindowException($"channel {schema.Channels[c].Name}, sample {t} is {channel[t]}: leave the group's presence bit off instead");
        }
        Schema = schema;
        Present = present;
        this.values = values;
    }

    public WindowSchema Schema { get; }

    public ChannelGroups Present { get; }

    /// <summary>[channels, samples].</summary>
    public ReadOnlySpan<float> Values => values;

    /// <summary>[samples].</summary>
    public ReadOnlySpan<float> this[int channel] => values.AsSpan(channel * Schema.Samples, Schema.Samples);

    public bool Has(ChannelGroups group) => (Present & group) == group;
}

/// <summary>A window that cannot be: the message names the place.</summary>
public sealed class InvalidWindowException(string message) : Exception(message);
