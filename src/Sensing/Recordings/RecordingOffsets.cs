namespace CitySafeSense.Sensing.Recordings;

/// <summary>Where the recordings of an archive begin and end: `offsets` [recordings + 1] of samples, rising from 0 or more.</summary>
internal static class RecordingOffsets
{
    /// <exception cref="RecordingException">There are none, or one lies outside of the samples or before the one before it; names which.</exception>
    public static long[] Read(NpzArchive archive, int samples)
    {
        var offsets = archive.Read("offsets").WithShape(-1).AsInt64();
        if (offsets.Length < 2) throw new RecordingException($"{archive.File}/offsets: {offsets.Length} entries; where each recording begins, and where the last ends, are needed");
        for (var i = 0; i < offsets.Length; i++)
            if (offsets[i] > samples || offsets[i] < (i == 0 ? 0 : offsets[i - 1]))
                throw new RecordingException($"{archive.File}/offsets: entry {i} is {offsets[i]}, outside {(i == 0 ? 0 : offsets[i - 1])} to {samples}");
        return offsets;
    }
}
