using CitySafeSense.Learning;
using CitySafeSense.Numerics;
using CitySafeSense.Sensing.Recordings;
using CitySafeSense.Sensing.Rooms;

namespace CitySafeSense.Science.Sensing.Rooms;

public class RoomTests
{
    [Theory]
    [InlineData(128, 72, 64)]
    [InlineData(31, 77, 32)]
    [InlineData(5, 3, 8)]
    [InlineData(64, 64, 64)]
    public void Scaled_picture_keeps_its_colours_and_where_they_are(int width, int height, int size)
    {
        var rng = new Rng(1);
        // Red grows to the right, green downwards, blue is noise.
        byte[] rgb = [.. Enumerable.Range(0, width * height).SelectMany(i => new[] { (byte)(255 * (i % width + 0.5) / width), (byte)(255 * (i / width + 0.5) / height), (byte)rng.NextInt(256) })];
        var scaled = new Picture(width, height, rgb).Scaled(size);
        for (var colour = 0; colour < 3; colour++)
            Assert.Equal(Enumerable.Range(0, width * height).Average(i => rgb[3 * i + colour]), Enumerable.Range(0, size * size).Average(i => scaled.Rgb[3 * i + colour]), 0.6);
        var input = new float[3 * size * size];
        scaled.Write(input);
        for (var at = 0; at < size * size; at++)
        {
            Assert.Equal((at % size + 0.5) / size, input[at], 0.12);
            Assert.Equal((at / size + 0.5) / size, input[size * size + at], 0.2);
        }
    }

    [Fact]
    public void Standardised_picture_does_not_see_the_light_and_does_not_raise_the_noise_of_a_bare_wall()
    {
        var rng = new Rng(2);
        byte[] rgb = [.. Enumerable.Range(0, 32 * 32 * 3).Select(_ => (byte)rng.NextInt(90))];
        var (dark, light) = (Standardised(rgb), Standardised([.. rgb.Select(v => (byte)(2 * v + 40))]));
        for (var i = 0; i < dark.Length; i++) Assert.Equal(dark[i], light[i], 0.02);
        for (var colour = 0; colour < 3; colour++)
        {
            var plane = light.AsSpan(colour * 1024, 1024).ToArray();
            Assert.Equal((0, 1), (Math.Round(plane.Average(), 4), Math.Round(Math.Sqrt(plane.Average(v => v * (double)v)), 4)));
        }
        Assert.All(Standardised([.. Enumerable.Range(0, 32 * 32 * 3).Select(_ => (byte)(100 + rng.NextInt(8)))]), v => Assert.InRange(v, -0.2f, 0.2f));

        static float[] Standardised(byte[] rgb) => Picture.Inputs([new Picture(32, 32, rgb)], areStandardised: true);
    }

    [Fact]
    public void Picture_of_the_wrong_length_is_refused()
    {
        Assert.Contains("6 x 2", Assert.Throws<ArgumentException>(() => new Picture(6, 2, new byte[35])).Message);
        Assert.Throws<ArgumentException>(() => new Picture(2, 2, new byte[12]).Write(new float[11]));
    }

    [Fact]
    public void One_clip_is_cut_with_a_gap_and_of_several_the_last_half_is_held_out()
    {
        RoomClip[] clips = [Clip("1", "a", 20, fall: null), Clip("1", "b", 20, null), Clip("1", "c", 20, null), Clip("1", "f", 10, fall: 4), Clip("2", "x", 40, null), Clip("2", "f", 10, 0)];
        var splits = RoomSplit.Of(clips);
        Assert.Equal([("a", 20), ("b", 20)], splits[0].Training.Select(c => (c.Name, c.Frames.Count)));
        Assert.Equal(["c", "f"], splits[0].HeldOut.Select(c => c.Name));
        Assert.True(splits[1].IsOneClip);
        Assert.Equal((28, 5.4f, 5.4f + 1), (splits[1].Training[0].Frames.Count, splits[1].Training[0].Seconds[^1], splits[1].HeldOut[0].Seconds[0]));
    }

    [Fact]
    public void Frames_of_a_fall_have_a_before_and_an_after() =>
        Assert.Equal([FrameKind.BeforeFall, FrameKind.BeforeFall, FrameKind.Fall, FrameKind.Fall, FrameKind.AfterFall], Clip("1", "f", 5, 2, 3).Kinds);

    [Fact]
    public void Background_is_the_median_and_what_moves_differs_from_it()
    {
        Picture[] frames = [.. Enumerable.Range(0, 9).Select(f => new Picture(4, 4, [.. Enumerable.Range(0, 48).Select(i => (byte)(f == 6 && i < 12 ? 200 : 100))]))];
        var scores = BackgroundDifference.Of(frames);
        Assert.Equal(25, scores[6]); // a quarter of the picture by a hundred
        Assert.All(scores.Where((_, f) => f != 6), s => Assert.Equal(0, s));
    }

    /// <summary>What numpy makes of the same frames: 0.323 for the first person and 0.594 for the third, whose held-out clips are whole.</summary>
    [RecordingsFact("rooms_gmdcsa24.npz")]
    public void Background_difference_of_real_rooms_is_what_numpy_makes_of_it()
    {
        using var archive = NpzArchive.Open(RecordingsFactAttribute.Find("rooms_gmdcsa24.npz")!);
        var clips = RoomClip.Read(archive);
        Assert.Equal((770, 4), (clips.Sum(c => c.Frames.Count), clips.Select(c => c.Room).Distinct().Count()));
        double[] areas = [.. RoomSplit.Of(clips).Select(room =>
        {
            var frames = room.HeldOut.SelectMany(c => BackgroundDifference.Of(c.Frames).Zip(c.Kinds)).Where(f => f.Second is FrameKind.Daily or FrameKind.Fall).ToArray();
            return RocArea.Of([.. frames.Select(f => f.First)], [.. frames.Select(f => f.Second == FrameKind.Fall)]);
        })];
        Assert.Equal((0.323, 0.594), (Math.Round(areas[0], 3), Math.Round(areas[2], 3)));
    }

    private static RoomClip Clip(string room, string name, int frames, int? fall, int? last = null) => new(
        room, name, [.. Enumerable.Range(0, frames).Select(_ => new Picture(1, 1, new byte[3]))], [.. Enumerable.Range(0, frames).Select(i => 0.2f * i)],
        [.. Enumerable.Range(0, frames).Select(i => fall is not { } first ? FrameKind.Daily : i < first ? FrameKind.BeforeFall : i <= (last ?? frames) ? FrameKind.Fall : FrameKind.AfterFall)]);
}
