using CitySafeSense.Sensing.Recordings;

namespace CitySafeSense.Sensing.Rooms;

/// <summary>What a frame of a clip shows.</summary>
public enum FrameKind
{
    /// <summary>Daily life, from a clip without a fall.</summary>
    Daily,

    /// <summary>Before the first frame of a fall.</summary>
    BeforeFall,

    /// <summary>Falling, or lying after it.</summary>
    Fall,

    /// <summary>After a fall's last frame: neither, and left out.</summary>
    AfterFall,
}

/// <summary>A recorded clip of a room.</summary>
/// <param name="Seconds">Of each frame, from the beginning.</param>
public sealed record RoomClip(string Room, string Name, IReadOnlyList<Picture> Frames, IReadOnlyList<float> Seconds, IReadOnlyList<FrameKind> Kinds)
{
    public bool HasFall => Kinds.Contains(FrameKind.Fall);

    /// <summary>Frames from one on.</summary>
    public RoomClip Cut(int from, int to) => this with { Frames = [.. Frames.Take(to).Skip(from)], Seconds = [.. Seconds.Take(to).Skip(from)], Kinds = [.. Kinds.Take(to).Skip(from)] };

    /// <summary>Clips of an archive: `frames` uint8 [n, height, width, 3], with `subject` (whose room it is), `kind` (ADL or Fall), `video`, `t` [s] and `is_fall` of each.</summary>
    /// <exception cref="RecordingException">An array is missing, or does not fit the others.</exception>
    public static IReadOnlyList<RoomClip> Read(NpzArchive archive)
    {
        var frames = archive.Read("frames").WithShape(-1, -1, -1, Picture.Colours);
        var (count, height, width) = (frames.Shape[0], frames.Shape[1], frames.Shape[2]);
        if (height == 0 || width == 0) throw new RecordingException($"{frames.Name}: frames of {width} x {height}; there is nothing to see in them");
        var (bytes, subjects, kinds, videos) = (frames.AsBytes(), archive.Read("subject").WithShape(count).AsNames(), archive.Read("kind").WithShape(count).AsText(), archive.Read("video").WithShape(count).AsText());
        var (times, falls, size) = (archive.Read("t").WithShape(count).AsDouble(), archive.Read("is_fall").WithShape(count).AsInt64(), height * width * Picture.Colours);
        if (Array.FindIndex(times, t => !double.IsFinite(t)) is >= 0 and var bad) throw new RecordingException($"{archive.File}/t: frame {bad} is at {times[bad]} s");
        return [.. Enumerable.Range(0, count).GroupBy(i => (subjects[i], kinds[i], videos[i])).Select(clip =>
        {
            int[] rows = [.. clip.OrderBy(i => times[i])];
            bool[] fallen = [.. rows.Select(i => falls[i] != 0)];
            return new RoomClip(
                $"room-{clip.Key.Item1}", $"{clip.Key.Item2} {clip.Key.Item3}", [.. rows.Select(i => new Picture(width, height, bytes.AsSpan(i * size, size).ToArray()))],
                [.. rows.Select(i => (float)times[i])], [.. Enumerable.Range(0, rows.Length).Select(i => KindOf(fallen, i))]);
        })];
    }

    private static FrameKind KindOf(bool[] fallen, int frame)
    {
        var (first, last) = (Array.IndexOf(fallen, true), Array.LastIndexOf(fallen, true));
        return first < 0 ? FrameKind.Daily : frame < first ? FrameKind.BeforeFall : fallen[frame] ? FrameKind.Fall : frame > last ? FrameKind.AfterFall : FrameKind.Fall;
    }
}
