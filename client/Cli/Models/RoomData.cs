using CitySafeSense.Cli.Terminal;
using CitySafeSense.Sensing.Recordings;
using CitySafeSense.Sensing.Rooms;
using CitySafeSense.Video;

namespace CitySafeSense.Cli.Models;

/// <summary>
/// Recordings of rooms: an archive of frames, or a folder with one folder for each room. In a room's folder `normal` holds clips of ordinary life and
/// `anomaly` clips of what is not; a clip is a video, or a folder of images in the order of their names.
/// </summary>
internal static class RoomData
{
    public const string Description = "Frames of rooms: an archive (.npz: frames, subject, kind, video, t, is_fall), or a folder ROOM/normal/CLIP and ROOM/anomaly/CLIP, where a clip is a video or a folder of images.";
    private const int Width = 128, Height = 72, MostFrames = 20_000;
    private const double FramesPerSecond = 5;

    /// <param name="wanted">Rooms; all there are where left out.</param>
    /// <exception cref="CommandFailedException">There is no room in it, or one that has nothing to learn from.</exception>
    public static async Task<IReadOnlyList<RoomSplit>> Read(string path, int? wanted, CancellationToken cancellation)
    {
        var clips = Directory.Exists(path) ? await OfFolders(path, cancellation) : OfArchive(path);
        var splits = RoomSplit.Of(clips);
        if (splits.FirstOrDefault(s => s.Training.Sum(c => c.Frames.Count) == 0) is { } empty) throw new CommandFailedException($"{path}: {empty.Room} has no frames of ordinary life to learn from");
        if (splits.Count < wanted) Output.Note($"{Path.GetFileName(Path.TrimEndingDirectorySeparator(path))} has {splits.Count} rooms, not {wanted}: it goes on with these");
        return [.. splits.Take(wanted ?? splits.Count)];
    }

    private static IReadOnlyList<RoomClip> OfArchive(string path)
    {
        using var archive = NpzArchive.Open(path);
        return RoomClip.Read(archive);
    }

    private static async Task<IReadOnlyList<RoomClip>> OfFolders(string path, CancellationToken cancellation)
    {
        var clips = new List<RoomClip>();
        foreach (var room in Directory.EnumerateDirectories(path).Order(StringComparer.Ordinal))
            foreach (var (folder, kind) in new[] { ("normal", FrameKind.Daily), ("anomaly", FrameKind.Fall) })
                foreach (var clip in Clips(Path.Combine(room, folder))) clips.Add(await Read(Path.GetFileName(room), clip, kind, cancellation));
        if (clips.Count == 0) throw new CommandFailedException($"{path}: no room in it; each is a folder that has a folder \"normal\", and perhaps \"anomaly\", with videos or folders of images");
        return clips;
    }

    private static IEnumerable<string> Clips(string folder) =>
        Directory.Exists(folder) ? Directory.EnumerateFileSystemEntries(folder).Where(e => !Path.GetFileName(e).StartsWith('.')).Order(StringComparer.Ordinal) : [];

    private static async Task<RoomClip> Read(string room, string clip, FrameKind kind, CancellationToken cancellation)
    {
        var (frames, seconds) = (new List<Picture>(), new List<float>());
        await foreach (var frame in new VideoFrames(VideoSource.Parse(clip), new VideoOptions(Width, Height, FramesPerSecond), Output.Note).Read(cancellation))
        {
            if (frames.Count == MostFrames) throw new CommandFailedException($"{clip}: more than {MostFrames} frames; cut it into clips");
            frames.Add(new Picture(Width, Height, frame.Rgb));
            seconds.Add((float)frame.At.TotalSeconds);
        }
        return new(room, Path.GetFileName(clip), frames, seconds, [.. Enumerable.Repeat(kind, frames.Count)]);
    }
}
