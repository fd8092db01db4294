using CitySafeSense.Learning;
using CitySafeSense.Sensing.Rooms;

namespace CitySafeSense.InProcess;

/// <summary>A held-out clip with a score for each frame; 1 is where the room's own threshold lies, so that rooms can be pooled.</summary>
public sealed record JudgedClip(RoomClip Clip, double[] Scores)
{
    public string Room => Clip.Room;

    /// <summary>The highest mean over a second.</summary>
    public double Largest => Enumerable.Range(0, Math.Max(1, Scores.Length - RunningMean.OfASecond + 1)).Max(i => Scores.Skip(i).Take(RunningMean.OfASecond).Average());

    /// <summary>A room's clips in units of the threshold that its training frames teach.</summary>
    public static IEnumerable<JudgedClip> Of(IEnumerable<double> training, IEnumerable<(RoomClip Clip, IEnumerable<double> Scores)> heldOut)
    {
        var threshold = new NormalThreshold();
        foreach (var score in training) threshold.Add(score);
        var unit = Math.Max(1e-12, threshold.Value ?? 1);
        return heldOut.Select(c => new JudgedClip(c.Clip, [.. c.Scores.Select(s => s / unit)]));
    }

    /// <summary>Scores of frames of a fall and of others that are no fall, and which is which.</summary>
    public static (double[] Scores, bool[] Fall) Told(IEnumerable<JudgedClip> clips, Func<FrameKind, bool> isNegative)
    {
        var frames = clips.SelectMany(c => c.Scores.Zip(c.Clip.Kinds)).Where(f => f.Second == FrameKind.Fall || isNegative(f.Second)).ToArray();
        return ([.. frames.Select(f => f.First)], [.. frames.Select(f => f.Second == FrameKind.Fall)]);
    }
}
