namespace CitySafeSense.Sensing;

/// <summary>One channel of a window: its name, its unit and the instrument it comes from.</summary>
/// <param name="NominalScale">A typical magnitude in <paramref name="Unit"/>, by which a network's input is divided when nothing better is known.</param>
public sealed record Channel(string Name, string Unit, ChannelGroups Group, float NominalScale);

/// <summary>What a window is: its channels, in order, its samples and its rate. It does not know how it travels (see <see cref="WindowFrame"/>).</summary>
public sealed record WindowSchema(byte Id, IReadOnlyList<Channel> Channels, int Samples, double SampleRateHertz)
{
    /// <summary>2 s at 50 Hz, 10 channels.</summary>
    public static WindowSchema Default { get; } = new(1,
    [
        new("ax", "m/s2", ChannelGroups.Accelerometer, 9.80665f),
        new("ay", "m/s2", ChannelGroups.Accelerometer, 9.80665f),
        new("az", "m/s2", ChannelGroups.Accelerometer, 9.80665f),
        new("gx", "rad/s", ChannelGroups.Gyroscope, 2f),
        new("gy", "rad/s", ChannelGroups.Gyroscope, 2f),
        new("gz", "rad/s", ChannelGroups.Gyroscope, 2f),
        new("speed", "m/s", ChannelGroups.Gnss, 4f),
        new("sin_course", "1", ChannelGroups.Gnss, 1f),
        new("cos_course", "1", ChannelGroups.Gnss, 1f),
        new("acoustic", "dBFS/20", ChannelGroups.Acoustic, 1.5f),
    ], 100, 50);

    /// <summary>The groups in the order of their bits; each also enters the network as one constant channel, 1 where it is present.</summary>
    public static ReadOnlySpan<ChannelGroups> Groups =>
        [ChannelGroups.Accelerometer, ChannelGroups.Gyroscope, ChannelGroups.Gnss, ChannelGroups.Acoustic];

    /// <summary>Values of one window: channels x samples.</summary>
    public int Length => Channels.Count * Samples;

    /// <summary>Channels of the network's input: the signals and one presence channel for each group.</summary>
    public int NetworkChannels => Channels.Count + Groups.Length;

}
