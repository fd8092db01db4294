namespace CitySafeSense.Sensing.Recordings;

/// <summary>
/// Inertial recordings with a label at every sample: `signals` int16 [6, T] with `scale`, cut into recordings by `offsets`;
/// acceleration in g, rotation in the unit that `channels` names. Read once, converted to m/s2 and rad/s.
/// </summary>
public sealed class ImuRecordings
{
    private readonly ImuSignals signals;

    private ImuRecordings(ImuSignals signals, long[] offsets, long[] labels, int[] person, string[] labelNames)
    {
        this.signals = signals;
        Offsets = offsets;
        Labels = labels;
        Person = person;
        LabelNames = labelNames;
    }

    /// <summary>[recordings + 1]: recording r is samples Offsets[r] to Offsets[r + 1].</summary>
    public IReadOnlyList<long> Offsets { get; }

    /// <summary>[T].</summary>
    public IReadOnlyList<long> Labels { get; }

    /// <summary>[recordings]: whose it is.</summary>
    public IReadOnlyList<int> Person { get; }

    public IReadOnlyList<string> LabelNames { get; }
    public int Recordings => Person.Count;

    /// <exception cref="RecordingException">An array is missing, of the wrong shape or unit, or holds a label that has no name.</exception>
    public static ImuRecordings Read(NpzArchive archive)
    {
        var signals = ImuSignals.Read(archive);
        var samples = signals.Samples;
        var offsets = RecordingOffsets.Read(archive, samples);
        var labels = archive.Read("labels").WithShape(samples).AsInt64();
        var people = archive.Read("user").WithShape(offsets.Length - 1).AsInt64();
        var names = archive.Read("activity_names").WithShape(-1).AsText();
        for (var i = 0; i < labels.Length; i++)
            if (labels[i] < 0 || labels[i] >= names.Length)
                throw new RecordingException($"{archive.File}/labels: sample {i} has label {labels[i]}, which has no name (there are {names.Length})");
        return new ImuRecordings(signals, offsets, labels, [.. people.Select(p => (int)p)], names);
    }

    /// <summary>The 100 samples from <paramref name="start"/> on as a window that has an IMU and nothing else.</summary>
    public SensorWindow Window(long start) => signals.Window(start);
}
