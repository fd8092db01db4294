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

    /// <exception cref="RecordingException">An array is missing, of the wrong shape, unit or rate, or a code says neither.</exception>
    public static FallWindows Read(NpzArchive archive)
    {
        var signals = ImuSignals.Read(archive);
        var offsets = RecordingOffsets.Read(archive, signals.Samples);
        var codes = archive.Read("code").WithShape(offsets.Length - 1).AsText();
        var subjects = archive.Read("subject").WithShape(offsets.Length - 1).AsNames();
        var (windows, tooShort) = (new List<(string Person, SensorWindow, int)>(), 0);
        for (var r = 0; r < codes.Length; r++)
        {
            var label = LabelOf(archive, codes[r]);
            if (offsets[r + 1] - offsets[r] < WindowSchema.Default.Samples)
            {
                tooShort++;
                continue;
            }
            var jolt = signals.HardestJolt(offsets[r], offsets[r + 1]);
            var start = Math.Clamp(jolt - WindowSchema.Default.Samples / 2, offsets[r], offsets[r + 1] - WindowSchema.Default.Samples);
            windows.Add((subjects[r], signals.Window(start), label));
        }
        return new([.. windows.OrderBy(w => w.Person, StringComparer.Ordinal)], tooShort);
    }

    /// <summary>A letter and a number, in either case: other collections have other codes, in which a fall may begin with any letter.</summary>
    private static int LabelOf(NpzArchive archive, string code) => code switch
    {
        ['F' or 'f', >= '0' and <= '9', ..] => 1,
        ['D' or 'd', >= '0' and <= '9', ..] => 0,
        _ => throw new RecordingException($"{archive.File}/code: \"{code}\" says neither a fall (F01, F02 ...) nor daily life (D01, D02 ...): name the codes of your recordings so"),
    };
}

/// <summary>What fall recordings give.</summary>
/// <param name="Windows">Of each person, in the order of their names.</param>
/// <param name="TooShort">Recordings of less than a window, which are left out.</param>
public sealed record FallWindows(IReadOnlyList<(string Person, SensorWindow Window, int Label)> Windows, int TooShort);
