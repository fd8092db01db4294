namespace CitySafeSense.Adapters.Video;

/// <summary>A test through ffmpeg; it says so and is skipped where it is not installed.</summary>
public sealed class FfmpegFactAttribute : FactAttribute
{
    public FfmpegFactAttribute()
    {
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(p => File.Exists(Path.Combine(p, "ffmpeg")))) Skip = "ffmpeg is not installed";
    }
}
