using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace CitySafeSense.Video;

/// <param name="Number">From 0, of those that were made; numbers of frames that were lost are missing.</param>
/// <param name="At">Since the source was opened first, by the rate that was asked for.</param>
/// <param name="Rgb">[height, width, 3].</param>
public sealed record VideoFrame(long Number, TimeSpan At, byte[] Rgb);

/// <summary>What frames are wanted.</summary>
public sealed record VideoOptions(int Width, int Height, double FramesPerSecond)
{
    /// <summary>Frames that wait for whoever takes them.</summary>
    public int Queue { get; init; } = 16;

    /// <summary>How long to wait before a live source that ended is opened again; twice as long each time, up to a minute.</summary>
    public TimeSpan ReopenAfter { get; init; } = TimeSpan.FromSeconds(1);

    public string Program { get; init; } = Ffmpeg.Program;

    /// <exception cref="ArgumentException">Names the setting and the range allowed.</exception>
    public void Validate()
    {
        if (Width is < 1 or > 4096 || Height is < 1 or > 4096) throw new ArgumentException("frames are 1 to 4096 pixels wide and high");
        if (FramesPerSecond is not (> 0 and <= 240)) throw new ArgumentException("frames per second must be above 0 and at most 240");
        if (Queue is < 1 or > 4096) throw new ArgumentException("the queue holds 1 to 4096 frames");
    }
}

/// <summary>
/// Frames of a source through ffmpeg, at one size and rate: what is wider than the size is pressed together, as models learned it. Of a file every frame
/// is waited for; of something live the oldest goes when nobody takes it, and where it ends (a camera unplugged, a stream cut) it is opened again.
/// </summary>
public sealed class VideoFrames(VideoSource source, VideoOptions options, Action<string>? trouble = null)
{
    private static readonly TimeSpan reopenMax = TimeSpan.FromMinutes(1);
    private long dropped;

    /// <summary>Frames of a live source that nobody took in time.</summary>
    public long Dropped => Interlocked.Read(ref dropped);

    /// <summary>Until the source ends, or for something live until it is cancelled.</summary>
    /// <exception cref="VideoException">Not a single frame could be had.</exception>
    public async IAsyncEnumerable<VideoFrame> Read([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        options.Validate();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var channel = Channel.CreateBounded<VideoFrame>(
            new BoundedChannelOptions(options.Queue) { FullMode = source.IsLive ? BoundedChannelFullMode.DropOldest : BoundedChannelFullMode.Wait, SingleReader = true, SingleWriter = true },
            _ => Interlocked.Increment(ref dropped));
        var making = Task.Run(() => Make(channel.Writer, stop.Token), CancellationToken.None);
        try
        {
            await foreach (var frame in channel.Reader.ReadAllAsync(cancellation).ConfigureAwait(false)) yield return frame;
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await making.ConfigureAwait(false);
        }
    }

    private async Task Make(ChannelWriter<VideoFrame> frames, CancellationToken stop)
    {
        var (number, pause) = (0L, options.ReopenAfter);
        Exception? failure = null;
        try
        {
            while (true)
            {
                var before = number;
                using var ffmpeg = new Ffmpeg(options.Program, Arguments(), source.Folder);
                using var stopping = stop.Register(ffmpeg.Dispose);
                number = await Pass(ffmpeg.Output, frames, number, stop).ConfigureAwait(false);
                if (stop.IsCancellationRequested) break;
                var (code, complaints) = (await ffmpeg.End().ConfigureAwait(false), ffmpeg.Complaints);
                if (!source.IsLive)
                {
                    if (number == 0) failure = new VideoException($"{source.Name}: not a single frame in it ({(complaints.Length == 0 ? $"ffmpeg ended with code {code}" : complaints)})");
                    else if (complaints.Length > 0) trouble?.Invoke($"{source.Name}: {number} frames, some of it is damaged ({complaints})");
                    break;
                }
                if (number > before) pause = options.ReopenAfter;
                trouble?.Invoke($"{source.Name} has ended{(complaints.Length == 0 ? "" : $" ({complaints})")}: opened again in {pause.TotalSeconds:0.#} s");
                await Task.Delay(pause, stop).ConfigureAwait(false);
                pause = pause * 2 < reopenMax ? pause * 2 : reopenMax;
            }
        }
        catch (Exception e) when (e is OperationCanceledException || (e is InvalidOperationException && stop.IsCancellationRequested))
        {
            // whoever asked for frames wants no more
        }
        catch (VideoException e)
        {
            failure = e;
        }
        frames.Complete(failure);
    }

    /// <summary>Whole frames only: what is cut off at the end is none.</summary>
    private async Task<long> Pass(Stream output, ChannelWriter<VideoFrame> frames, long number, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var rgb = new byte[options.Width * options.Height * 3];
            int length;
            try
            {
                length = await output.ReadAtLeastAsync(rgb, rgb.Length, throwOnEndOfStream: false, stop).ConfigureAwait(false);
            }
            catch (Exception e) when (e is ObjectDisposedException or IOException or InvalidOperationException)
            {
                return number; // stopped while it was reading
            }
            if (length < rgb.Length) return number;
            await frames.WriteAsync(new VideoFrame(number, TimeSpan.FromSeconds(number / options.FramesPerSecond), rgb), stop).ConfigureAwait(false);
            number++;
        }
        return number;
    }

    private IEnumerable<string> Arguments()
    {
        var rate = options.FramesPerSecond.ToString(System.Globalization.CultureInfo.InvariantCulture);
        string[] pace = source.InputOptions.Contains("image2") ? ["-framerate", rate] : [];
        return [.. source.InputOptions, .. pace, "-i", source.Input, "-an", "-vf", $"fps={rate},scale={options.Width}:{options.Height}:flags=area", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"];
    }
}
