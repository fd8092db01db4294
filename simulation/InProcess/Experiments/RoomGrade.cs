using CitySafeSense.Learning;
using CitySafeSense.Numerics;
using CitySafeSense.Sensing.Rooms;

namespace CitySafeSense.InProcess;

/// <summary>A figure, averaged over seeds, with the interval that holds 95 % of it when clips are drawn anew; not a number where there is nothing to tell apart.</summary>
public readonly record struct RoomFigure(double Mean, double Low, double High);

/// <summary>How well falls are told from daily life. Frames after a fall are left out; frames before it are told apart from those of other clips, for another clip is another light.</summary>
public sealed record RoomGrade(RoomFigure FrameArea, RoomFigure BeforeFallArea, RoomFigure ClipArea, RoomFigure AveragePrecision, RoomFigure F1)
{
    private const int Resamples = 1000;

    /// <param name="seeds">The same clips in the same order, as models of several seeds scored them.</param>
    /// <param name="hasThreshold">Whether a score of 1 is where a threshold lies.</param>
    public static RoomGrade Of(IReadOnlyList<IReadOnlyList<JudgedClip>> seeds, bool hasThreshold, ulong seed)
    {
        RoomFigure Figure(string name, Func<IReadOnlyList<JudgedClip>, double> figure) => Drawn(seed, name, seeds[0].Count, drawn => Mean(seeds, drawn, figure));
        return new(
            Figure("frame", c => Area(c, FrameKind.Daily)), Figure("before", c => Area(c, FrameKind.BeforeFall)),
            Figure("clip", c => RocArea.Of([.. c.Select(x => x.Largest)], [.. c.Select(x => x.Clip.HasFall)])),
            Figure("precision", c => JudgedClip.Told(c, k => k is FrameKind.Daily) is var (scores, fall) && fall.Contains(true) ? Learning.AveragePrecision.Of(scores, fall) : double.NaN),
            hasThreshold ? Figure("f1", Harmonic) : new(double.NaN, double.NaN, double.NaN));
    }

    /// <summary>How much better falls are told from daily life than by others, who scored the same clips in the same order; both have the same clips in each drawing.</summary>
    public static RoomFigure Lead(IReadOnlyList<IReadOnlyList<JudgedClip>> seeds, IReadOnlyList<IReadOnlyList<JudgedClip>> others, ulong seed) =>
        Drawn(seed, "lead", seeds[0].Count, drawn => Mean(seeds, drawn, c => Area(c, FrameKind.Daily)) - Mean(others, drawn, c => Area(c, FrameKind.Daily)));

    /// <summary>How well frames of a fall are told from those of another kind.</summary>
    public static double Area(IReadOnlyList<JudgedClip> clips, FrameKind negative) => JudgedClip.Told(clips, k => k == negative) is var (scores, fall) ? RocArea.Of(scores, fall) : double.NaN;

    /// <param name="figure">Of some of the clips, by their indices; a clip may be among them more than once.</param>
    private static RoomFigure Drawn(ulong seed, string name, int clips, Func<int[], double> figure)
    {
        var (rng, all) = (Rng.For(seed, "clips", name), new List<double>());
        for (var r = 0; r < Resamples; r++)
        {
            if (figure([.. Enumerable.Range(0, clips).Select(_ => rng.NextInt(clips))]) is var value && double.IsFinite(value)) all.Add(value);
        }
        all.Sort();
        return all.Count == 0 ? new(double.NaN, double.NaN, double.NaN) : new(figure([.. Enumerable.Range(0, clips)]), all[(int)(0.025 * all.Count)], all[(int)(0.975 * all.Count)]);
    }

    private static double Mean(IReadOnlyList<IReadOnlyList<JudgedClip>> seeds, int[] drawn, Func<IReadOnlyList<JudgedClip>, double> figure) => seeds.Average(s => figure([.. drawn.Select(i => s[i])]));

    /// <summary>Of both kinds of negatives.</summary>
    private static double Harmonic(IReadOnlyList<JudgedClip> clips)
    {
        var (scores, fall) = JudgedClip.Told(clips, k => k is FrameKind.Daily or FrameKind.BeforeFall);
        var hits = scores.Zip(fall).Count(f => f.First > 1 && f.Second);
        var all = scores.Count(s => s > 1) + fall.Count(f => f);
        return all == 0 ? double.NaN : 2.0 * hits / all;
    }
}
