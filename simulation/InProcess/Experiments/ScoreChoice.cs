using CitySafeSense.Sensing.Rooms;

namespace CitySafeSense.InProcess;

/// <summary>Which score to judge a room by, chosen without looking at it: the one that told falls from daily life best in the other rooms.</summary>
public sealed record ScoreChoice(IReadOnlyDictionary<string, string> ByRoom, IReadOnlyList<IReadOnlyList<JudgedClip>> Seeds)
{
    /// <param name="byScore">For each score the same clips in the same order, as models of several seeds scored them.</param>
    public static ScoreChoice Of(IReadOnlyDictionary<string, IReadOnlyList<IReadOnlyList<JudgedClip>>> byScore)
    {
        var any = byScore.Values.First();
        var chosen = any[0].Select(c => c.Room).Distinct().ToDictionary(room => room, room => byScore.Keys.OrderByDescending(name => Others(byScore[name], room)).First());
        return new(chosen, [.. Enumerable.Range(0, any.Count).Select(seed => (IReadOnlyList<JudgedClip>)[.. Enumerable.Range(0, any[seed].Count).Select(clip => byScore[chosen[any[seed][clip].Room]][seed][clip])])]);
    }

    private static double Others(IReadOnlyList<IReadOnlyList<JudgedClip>> seeds, string room) =>
        seeds.Average(clips => RoomGrade.Area([.. clips.Where(c => c.Room != room)], FrameKind.Daily));
}
