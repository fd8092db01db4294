using System.ComponentModel;
using System.Diagnostics;

namespace CitySafeSense.Video;

/// <summary>A running ffmpeg, with the last lines that it complained in.</summary>
internal sealed class Ffmpeg : IDisposable
{
    public const string Program = "ffmpeg";
    private const int LinesKept = 5, LineLength = 300;
    private readonly Process process;
    private readonly Queue<string> complaints = new();

    /// <exception cref="VideoException">It is not installed.</exception>
    public Ffmpeg(string program, IEnumerable<string> arguments, string? folder)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder ?? "" };
        foreach (var argument in (string[])["-nostdin", "-hide_banner", "-loglevel", "error", .. arguments]) start.ArgumentList.Add(argument);
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            throw new VideoException($"{program} is needed for video and is not installed: as root, run 'apt-get install ffmpeg'");
        }
        process.ErrorDataReceived += (_, line) => Hear(line.Data);
        process.BeginErrorReadLine();
    }

    public Stream Output => process.StandardOutput.BaseStream;

    /// <summary>What it complained of last; empty where of nothing.</summary>
    public string Complaints
    {
        get
        {
            lock (complaints) return string.Join("; ", complaints);
        }
    }

    /// <summary>Its exit code, once it has ended by itself.</summary>
    public async Task<int> End()
    {
        await process.WaitForExitAsync().ConfigureAwait(false);
        return process.ExitCode;
    }

    public void Dispose()
    {
        try
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
        }
        catch (InvalidOperationException)
        {
            // it has ended by itself
        }
        process.Dispose();
    }

    private void Hear(string? line)
    {
        if (string.IsNullOrWhiteSpace(line)) return;
        lock (complaints)
        {
            complaints.Enqueue(line.Length > LineLength ? line[..LineLength] : line);
            while (complaints.Count > LinesKept) complaints.Dequeue();
        }
    }
}
