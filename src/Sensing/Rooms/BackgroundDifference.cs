namespace CitySafeSense.Sensing.Rooms;

/// <summary>The baseline that learns nothing: how far each frame of a clip lies from the clip's own median picture.</summary>
public static class BackgroundDifference
{
    /// <returns>For each frame the mean absolute difference, 0 to 255.</returns>
    public static double[] Of(IReadOnlyList<Picture> frames)
    {
        if (frames.Count == 0) return [];
        var (length, column) = (frames[0].Rgb.Length, new byte[frames.Count]);
        if (frames.Any(f => f.Rgb.Length != length)) throw new ArgumentException("the frames of a clip are of one size");
        var sums = new double[frames.Count];
        for (var i = 0; i < length; i++)
        {
            for (var f = 0; f < column.Length; f++) column[f] = frames[f].Rgb[i];
            Array.Sort(column);
            var median = (column[(column.Length - 1) / 2] + column[column.Length / 2]) / 2.0;
            for (var f = 0; f < sums.Length; f++) sums[f] += Math.Abs(frames[f].Rgb[i] - median);
        }
        return [.. sums.Select(s => s / length)];
    }
}
