namespace CitySafeSense.Video;

/// <summary>Where frames come from: a file, a folder of images, a camera, a stream.</summary>
/// <param name="Name">As the user said it.</param>
/// <param name="InputOptions">What ffmpeg is told before its input.</param>
/// <param name="Input">Its input.</param>
/// <param name="IsLive">It goes on whether anybody looks or not: what is not taken in time is lost, and where it ends it is opened again.</param>
/// <param name="Folder">Where ffmpeg runs; nothing where it does not matter.</param>
public sealed record VideoSource(string Name, IReadOnlyList<string> InputOptions, string Input, bool IsLive, string? Folder = null)
{
    private const string FirstCamera = "/dev/video0";
    private static readonly string[] images = [".jpg", ".jpeg", ".png", ".bmp"];

    /// <param name="text">A path, rtsp://..., /dev/videoN, or "camera" for the first one.</param>
    /// <exception cref="VideoException">There is no such thing, or no image in the folder.</exception>
    public static VideoSource Parse(string text)
    {
        if (text is "camera" || text.StartsWith("/dev/video", StringComparison.Ordinal))
        {
            var device = text == "camera" ? FirstCamera : text;
            return File.Exists(device) ? new(text, ["-f", "v4l2"], device, true) : throw new VideoException($"{device}: there is no such camera; ls /dev/video* shows those there are");
        }
        if (text.StartsWith("rtsp://", StringComparison.Ordinal) || text.StartsWith("rtsps://", StringComparison.Ordinal)) return new(WithoutSecrets(text), ["-rtsp_transport", "tcp"], text, true);
        if (Directory.Exists(text)) return OfImages(text);
        return File.Exists(text) ? new(text, [], Path.GetFullPath(text), false) : throw new VideoException($"{text}: no such file, folder, camera (/dev/videoN, camera) or stream (rtsp://...)");
    }

    /// <summary>In the order of their names; all of one kind.</summary>
    private static VideoSource OfImages(string folder)
    {
        var kind = images.FirstOrDefault(k => Directory.EnumerateFiles(folder, $"*{k}").Any()) ?? throw new VideoException($"{folder}: no image in it ({string.Join(", ", images)})");
        return new(folder, ["-f", "image2", "-pattern_type", "glob"], $"*{kind}", false, Path.GetFullPath(folder));
    }

    /// <summary>A password in an address is nobody's business.</summary>
    private static string WithoutSecrets(string address) => Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.UserInfo.Length > 0 ? address.Replace($"{uri.UserInfo}@", "") : address;
}
