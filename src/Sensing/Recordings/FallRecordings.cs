namespace CitySafeSense.Sensing.Recordings;

/// <summary>
/// Inertial recordings of one act each: `signals` int16 [6, T] with `scale`, `offsets`, a `code` for each recording (F.. a fall,
/// D.. daily life) and its `subject`. A recording gives one window: the 2 s around its hardest jolt, which for a fall is the impact.
/// </summary>
public static class FallRecordings
{
    public static IReadOnlyList<string> Classes { get; } = ["daily life", "fall"];

    /// <summary>Whether an archive is of this kind.</summary>
    public static bool Are(NpzArchive archive) => archive.Names.Contains("signals") && archive.Names.Contains("code") && archive.Names.Contains("subject");

    /// <returns>Windows of each person, in the order of their names.</returns>
    /// <exception cref="RecordingException">An array is missing, of the wrong shape or unit.</exception>
    public static IReadOnlyList<(string Person, SensorWindow Window, int Label)> Read(NpzArchive archive)
    {
        var offsets = archive.Read("offsets").WithShape(-1).AsInt64();
        var codes = archive.Read("code").WithShape(offsets.Length - 1).AsText();
        var subjects = archive.Read("subject").WithShape(offsets.Length - 1).AsText();
        var signals = ImuSignals.Read(archive);
        var windows = new List<(string, SensorWindow, int)>();
        for (var r = 0; r < codes.Length; r++)
        {
            if (offsets[r] < 0 || offsets[r + 1] < offsets[r] || offsets[r + 1] > signals.Samples)
                throw new RecordingException($"offsets: recording {r} is {offsets[r]} to {offsets[r + 1]}, outside 0 to {signals.Samples}");
            if (offsets[r + 1] - offsets[r] < WindowSchema.Default.Samples) continue;
            var jolt = signals.HardestJolt(offsets[r], offsets[r + 1]);
            var start = Math.Clamp(jolt - WindowSchema.Default.Samples / 2, offsets[r], offsets[r + 1] - WindowSchema.Default.Samples);
            windows.Add((subjects[r], signals.Window(start), codes[r].StartsWith('F') ? 1 : 0));
        }
        return [.. windows.OrderBy(w => w.Item1, StringComparer.Ordinal)];
    }
}
