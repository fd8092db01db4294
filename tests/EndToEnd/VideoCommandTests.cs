using System.Text.Json.Nodes;
using CitySafeSense.Adapters.Video;

namespace CitySafeSense.EndToEnd;

/// <summary>`video extract` and `edge detect`, on a room in which something large appears after fourteen seconds.</summary>
public sealed class VideoCommandTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("citysafe-test-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [FfmpegFact]
    public async Task Detector_learns_the_room_and_notices_what_appears_in_it()
    {
        var video = Films.Room(folder, "room.mp4");
        var run = await Citysafe.Run(folder, "edge", "detect", "--source", video, "--learn", "50", "--json");
        Assert.Equal(0, run.Code);
        var lines = run.Output.Trim().Split('\n').Select(l => JsonNode.Parse(l)!).ToArray();
        var summary = lines[^1]["summary"]!;
        Assert.Equal((50, 0), ((int)summary["learning"]!, (int)summary["dark"]!));
        var first = lines.First(l => (string?)l["state"] == "out_of_the_ordinary");
        Assert.InRange((double)first["at_seconds"]!, 13.8, 15);
        Assert.Equal("unusual_scene", (string)lines.Single(l => l["event"] is not null)["event"]!["event"]!); // one stretch, told once
        Assert.All(lines.Where(l => (string?)l["state"] == "ordinary"), l => Assert.InRange((double)l["at_seconds"]!, 10, 14));

        var again = await Citysafe.Run(folder, "edge", "detect", "--source", video, "--learn", "50", "--json");
        Assert.Equal(run.Output, again.Output);
        var given = await Citysafe.Run(folder, "edge", "detect", "--source", video, "--learn", "50", "--threshold", "0.9");
        Assert.DoesNotContain("out of the ordinary", given.Output);
    }

    [FfmpegFact]
    public async Task Frames_become_images_and_images_frames_and_dark_ones_are_not_judged()
    {
        var images = Path.Combine(folder, "images");
        Assert.Contains("40 images", (await Citysafe.Run(folder, "video", "extract", Films.Room(folder, "room.mp4"), "--fps", "2", "--out", images)).Output);
        var run = await Citysafe.Run(folder, "edge", "detect", "--source", images, "--learn", "15", "--frames", "30");
        Assert.Equal(0, run.Code);
        Assert.Contains("15 learning", run.Error);
        var dark = Films.Make(folder, "dark.mp4", "-f", "lavfi", "-i", "color=c=black:size=64x48:rate=5:duration=8");
        var refused = await Citysafe.Run(folder, "edge", "detect", "--source", dark);
        Assert.Equal((1, true), (refused.Code, refused.Error.Contains("0 frames that could be seen", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("edge detect --source nothing.mp4", 1, "no such file")]
    [InlineData("edge detect --source /dev/video97", 1, "no such camera")]
    [InlineData("edge detect --threshold high", 2, "auto, or a number")]
    [InlineData("edge detect --threshold 700", 2, "above 0 and at most 100")]
    [InlineData("edge detect --model tcn", 2, "bottleneck-autoencoder")]
    [InlineData("edge detect --source . --broker here", 2, "HOST:PORT")]
    [InlineData("edge detect --learn 3", 2, "10 to 10000")]
    [InlineData("video extract nothing.mp4 --out x", 1, "no such file")]
    public async Task Misuse_is_one_clear_line_on_stderr(string arguments, int code, string says)
    {
        var run = await Citysafe.Run(folder, arguments.Split(' '));
        Assert.Equal((code, ""), (run.Code, run.Output));
        Assert.Contains(says, run.Error);
    }
}
