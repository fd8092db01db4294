using System.Diagnostics;
using CitySafeSense.Video;

namespace CitySafeSense.Adapters.Video;

public sealed class VideoFramesTests : IDisposable
{
    private static readonly VideoOptions small = new(32, 24, 10);
    private readonly string folder = Directory.CreateTempSubdirectory("citysafe-test-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [FfmpegFact]
    public async Task Frames_of_a_file_come_whole_in_order_and_in_their_colours()
    {
        var file = Make("red.mp4", "color=c=red:size=128x72:rate=10:duration=2");
        var frames = await All(new VideoFrames(VideoSource.Parse(file), small));
        Assert.Equal(Enumerable.Range(0, 20).Select(i => (long)i), frames.Select(f => f.Number));
        Assert.Equal(TimeSpan.FromSeconds(1.9), frames[^1].At);
        Assert.All(frames, f => Assert.Equal(32 * 24 * 3, f.Rgb.Length));
        Assert.InRange(frames[10].Rgb.Where((_, i) => i % 3 == 0).Average(b => b), 245, 255); // red
        Assert.InRange(frames[10].Rgb.Where((_, i) => i % 3 != 0).Average(b => b), 0, 10);
    }

    [FfmpegFact]
    public async Task Folder_of_images_is_read_in_the_order_of_names_whatever_the_folder_is_called()
    {
        var odd = Directory.CreateDirectory(Path.Combine(folder, "room [1] %d*")).FullName;
        Assert.Equal(8, await FrameFiles.Extract(VideoSource.Parse(Make("grey.mp4", "color=c=gray:size=64x48:rate=4:duration=2")), 4, odd));
        Assert.Equal(8, (await All(new VideoFrames(VideoSource.Parse(odd), small))).Count);
        Assert.Contains("not empty", (await Assert.ThrowsAsync<VideoException>(() => FrameFiles.Extract(VideoSource.Parse(odd), 4, odd))).Message);
    }

    [FfmpegFact]
    public async Task Damaged_video_gives_what_is_whole_and_says_so_and_a_file_that_is_none_is_refused()
    {
        var file = Make("test.mkv", "testsrc=size=320x240:rate=10:duration=4");
        var bytes = await File.ReadAllBytesAsync(file);
        for (var i = bytes.Length / 3; i < bytes.Length / 2; i++) bytes[i] = (byte)(i * 37);
        await File.WriteAllBytesAsync(file, bytes);
        var said = new List<string>();
        Assert.InRange((await All(new VideoFrames(VideoSource.Parse(file), small, said.Add))).Count, 1, 40);
        Assert.Contains("damaged", Assert.Single(said));
        await File.WriteAllTextAsync(file, "this is no video");
        var refused = await Assert.ThrowsAsync<VideoException>(() => All(new VideoFrames(VideoSource.Parse(file), small)));
        Assert.Contains("not a single frame", refused.Message);
        Assert.Contains("test.mkv", refused.Message);
    }

    /// <summary>A camera that is unplugged after ten frames, and plugged in again.</summary>
    [FfmpegFact]
    public async Task Live_source_that_ends_is_opened_again_and_said()
    {
        var said = new List<string>();
        var camera = new VideoSource("camera", ["-f", "lavfi"], "testsrc=size=64x48:rate=10:duration=1", true);
        var frames = new VideoFrames(camera, small with { ReopenAfter = TimeSpan.FromMilliseconds(20), Queue = 100 }, said.Add);
        var seen = new List<long>();
        await foreach (var frame in frames.Read())
        {
            seen.Add(frame.Number);
            if (seen.Count == 25) break;
        }
        Assert.Equal(Enumerable.Range(0, 25).Select(i => (long)i), seen);
        Assert.All(said, s => Assert.Contains("opened again", s));
        Assert.InRange(said.Count, 2, 4);
    }

    [FfmpegFact]
    public async Task Of_a_live_source_the_oldest_frames_go_when_nobody_takes_them()
    {
        var camera = new VideoSource("camera", ["-f", "lavfi"], "testsrc=size=64x48:rate=200", true);
        var frames = new VideoFrames(camera, small with { FramesPerSecond = 200, Queue = 4 });
        long? last = null;
        await foreach (var frame in frames.Read())
        {
            if (last is null) await Task.Delay(500); // looks away
            if (last > 8) break;
            last = frame.Number;
        }
        Assert.InRange(frames.Dropped, 5, 100_000);
    }

    [FfmpegFact]
    public async Task Stopping_ends_at_once_and_leaves_no_process()
    {
        using var stop = new CancellationTokenSource();
        var camera = new VideoSource("camera", ["-f", "lavfi", "-re"], "testsrc=size=64x48:rate=5,metadata=mode=add:key=k:value=stopping-test", true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in new VideoFrames(camera, small).Read(stop.Token)) await stop.CancelAsync();
        });
        Assert.DoesNotContain(Process.GetProcessesByName("ffmpeg"), p => File.ReadAllText($"/proc/{p.Id}/cmdline").Contains("stopping-test"));
    }

    [Fact]
    public async Task What_is_missing_is_named_with_its_remedy()
    {
        Assert.Contains("no such file", Assert.Throws<VideoException>(() => VideoSource.Parse(Path.Combine(folder, "none.mp4"))).Message);
        Assert.Contains("no such camera", Assert.Throws<VideoException>(() => VideoSource.Parse("/dev/video97")).Message);
        Assert.Contains("no image", Assert.Throws<VideoException>(() => VideoSource.Parse(folder)).Message);
        Assert.DoesNotContain("secret", VideoSource.Parse("rtsp://me:secret@10.0.0.9/stream").Name);
        var file = Path.Combine(folder, "a.mp4");
        await File.WriteAllTextAsync(file, "");
        Assert.Contains("apt-get install ffmpeg", (await Assert.ThrowsAsync<VideoException>(() => All(new VideoFrames(VideoSource.Parse(file), small with { Program = "no-such-ffmpeg" })))).Message);
        Assert.Contains("pixels", (await Assert.ThrowsAsync<ArgumentException>(() => All(new VideoFrames(VideoSource.Parse(file), small with { Width = 0 })))).Message);
    }

    private static async Task<List<VideoFrame>> All(VideoFrames frames)
    {
        var all = new List<VideoFrame>();
        await foreach (var frame in frames.Read()) all.Add(frame);
        return all;
    }

    private string Make(string name, string picture)
    {
        var file = Path.Combine(folder, name);
        using var ffmpeg = Process.Start(new ProcessStartInfo("ffmpeg", ["-nostdin", "-loglevel", "error", "-f", "lavfi", "-i", picture, "-pix_fmt", "yuv420p", file]))!;
        ffmpeg.WaitForExit();
        Assert.Equal(0, ffmpeg.ExitCode);
        return file;
    }
}
