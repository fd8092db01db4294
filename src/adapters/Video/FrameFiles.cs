namespace CitySafeSense.Video;

/// <summary>Frames of a video as images in a folder: what somebody labels, or trains on.</summary>
public static class FrameFiles
{
    /// <param name="folder">Made where it is missing; it must be empty.</param>
    /// <returns>How many images there are.</returns>
    /// <exception cref="VideoException">The folder is not empty, the source is one of images, or not a single frame could be had.</exception>
    public static async Task<int> Extract(VideoSource source, double framesPerSecond, string folder, string program = "ffmpeg")
    {
        if (framesPerSecond is not (> 0 and <= 240)) throw new ArgumentException("frames per second must be above 0 and at most 240");
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()) throw new VideoException($"{folder} is not empty: give a folder of its own");
        if (source.Folder is not null) throw new VideoException($"{source.Name}: these are images already");
        Directory.CreateDirectory(folder);
        var rate = framesPerSecond.ToString(System.Globalization.CultureInfo.InvariantCulture);
        using var ffmpeg = new Ffmpeg(program, [.. source.InputOptions, "-i", source.Input, "-an", "-vf", $"fps={rate}", "-q:v", "2", "frame-%06d.jpg"], Path.GetFullPath(folder)); // in it, whatever it is called
        var code = await ffmpeg.End().ConfigureAwait(false);
        var images = Directory.GetFiles(folder, "frame-*.jpg").Length;
        return images > 0 ? images : throw new VideoException($"{source.Name}: not a single frame in it ({(ffmpeg.Complaints.Length == 0 ? $"ffmpeg ended with code {code}" : ffmpeg.Complaints)})");
    }
}
