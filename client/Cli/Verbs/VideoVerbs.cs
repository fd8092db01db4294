using System.Text.Json.Nodes;
using CitySafeSense.Cli.Terminal;
using CitySafeSense.Video;

namespace CitySafeSense.Cli.Verbs;

/// <summary>`video`: frames out of recordings.</summary>
internal static class VideoVerbs
{
    public static Command Command() => new("video", "Frames out of recordings, through ffmpeg.") { Extract() };

    private static Command Extract()
    {
        var video = new Argument<string>("VIDEO") { Description = "A file, rtsp://..., or /dev/videoN." };
        var rate = new Option<double>("--fps") { Description = "Frames a second.", DefaultValueFactory = _ => 1 };
        var folder = new Option<DirectoryInfo>("--out") { Description = "Folder for the images; a new or empty one.", Required = true };
        var json = Output.JsonOption();
        var command = new Command("extract", """
            Write frames of a video as images, frame-000001.jpg and so on.

            Example: citysafe video extract kitchen.mp4 --fps 5 --out frames
            """) { video, rate, folder, json };
        command.SetAction(async (parse, cancellation) =>
        {
            var source = VideoSource.Parse(parse.GetValue(video)!);
            var images = await FrameFiles.Extract(source, parse.GetValue(rate), parse.GetValue(folder)!.FullName);
            if (parse.GetValue(json)) Output.Json(new JsonObject { ["video"] = source.Name, ["images"] = images, ["folder"] = parse.GetValue(folder)!.FullName });
            else Output.Line($"{images} images in {parse.GetValue(folder)!.FullName}");
            return Run.Done;
        });
        return command;
    }
}
