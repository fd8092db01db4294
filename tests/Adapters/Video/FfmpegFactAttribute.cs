namespace CitySafeSense.Adapters.Video;

/// <summary>A test through ffmpeg; skipped, and said so, where it is not installed. On a build machine it must be.</summary>
public sealed class FfmpegFactAttribute : FactAttribute
{
    public FfmpegFactAttribute()
    {
        var folders = Environment.GetEnvironmentVariable("PATH")?.Split(':') ?? [];
        if (!folders.Any(f => File.Exists(Path.Combine(f, "ffmpeg"))) && Environment.GetEnvironmentVariable("CI") is null) Skip = "ffmpeg is not installed";
    }
}
