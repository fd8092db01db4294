namespace CitySafeSense.Sensing.Rooms;

/// <summary>What a room learns from, and what it is judged by. It learns daily life only; clips are never on both sides but where there is one.</summary>
/// <param name="IsOneClip">There is one clip of daily life: its beginning trains, its end is held out.</param>
public sealed record RoomSplit(string Room, IReadOnlyList<RoomClip> Training, IReadOnlyList<RoomClip> HeldOut, bool IsOneClip)
{
    private const double TrainingShare = 0.7;
    private const float GapSeconds = 1;

    public static IReadOnlyList<RoomSplit> Of(IReadOnlyList<RoomClip> clips) => [.. clips.GroupBy(c => c.Room).OrderBy(g => g.Key, StringComparer.Ordinal).Select(room =>
    {
        RoomClip[] daily = [.. room.Where(c => !c.HasFall).OrderBy(c => c.Name, StringComparer.Ordinal)], falls = [.. room.Where(c => c.HasFall).OrderBy(c => c.Name, StringComparer.Ordinal)];
        if (daily.Length == 1)
        {
            var (whole, cut) = (daily[0], (int)(TrainingShare * daily[0].Frames.Count));
            var resumes = Enumerable.Range(cut, whole.Frames.Count - cut).FirstOrDefault(i => whole.Seconds[i] >= whole.Seconds[cut - 1] + GapSeconds, whole.Frames.Count);
            return new RoomSplit(room.Key, [whole.Cut(0, cut)], [whole.Cut(resumes, whole.Frames.Count), .. falls], true);
        }
        var held = Math.Max(1, daily.Length / 2);
        return new RoomSplit(room.Key, daily[..^held], [.. daily[^held..], .. falls], false);
    })];
}
