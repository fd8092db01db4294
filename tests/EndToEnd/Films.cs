using System.Diagnostics;

namespace CitySafeSense.EndToEnd;

/// <summary>Videos that ffmpeg draws.</summary>
internal static class Films
{
    /// <summary>Twenty seconds of a room, in which something large appears after fourteen.</summary>
    public static string Room(string folder, string name) => Make(
        folder, name, "-f", "lavfi", "-i", "color=c=0x806040:size=128x72:rate=5:duration=20,noise=alls=8:allf=t:all_seed=7", "-f", "lavfi", "-i", "color=c=white:size=60x60:rate=5:duration=20",
        "-filter_complex", "[0][1]overlay=x=30:y=5:enable='gte(t,14)'");

    /// <returns>The file.</returns>
    public static string Make(string folder, string name, params string[] arguments)
    {
        var file = Path.Combine(folder, name);
        using var ffmpeg = Process.Start(new ProcessStartInfo("ffmpeg", ["-nostdin", "-loglevel", "error", .. arguments, "-pix_fmt", "yuv420p", file]))!;
        ffmpeg.WaitForExit();
        Assert.Equal(0, ffmpeg.ExitCode);
        return file;
    }
}
