using System.IO.Compression;

namespace CitySafeSense.Sensing.Recordings;

/// <summary>numpy arrays by name: an .npz (a zip of them) or a folder of .npy files. Arrays are read when asked for, not before.</summary>
public sealed class NpzArchive : IDisposable
{
    private const long MaxArrayBytes = 4L << 30;
    private readonly ZipArchive? zip;
    private readonly string? folder;

    /// <param name="file">What messages call it.</param>
    /// <exception cref="RecordingException">Not a zip, or cut off.</exception>
    public NpzArchive(Stream stream, string file)
    {
        File = file;
        try
        {
            zip = new ZipArchive(stream, ZipArchiveMode.Read);
            Names = [.. zip.Entries.Where(e => e.FullName.EndsWith(".npy", StringComparison.Ordinal)).Select(e => e.FullName[..^4]).Order(StringComparer.Ordinal)];
        }
        catch (InvalidDataException e)
        {
            throw new RecordingException($"{file}: not a whole .npz archive ({e.Message}); fetch it again", e);
        }
    }

    private NpzArchive(string folder)
    {
        (this.folder, File) = (folder, Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)));
        Names = [.. Directory.EnumerateFiles(folder, "*.npy").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)];
    }

    /// <summary>What messages call it.</summary>
    public string File { get; }

    public IReadOnlyList<string> Names { get; }

    /// <summary>Opens an .npz file, or a folder of .npy files.</summary>
    /// <exception cref="RecordingException">Not a zip, or cut off.</exception>
    public static NpzArchive Open(string path) => Directory.Exists(path) ? new(path) : new(System.IO.File.OpenRead(path), Path.GetFileName(path));

    public NpyArray Read(string name)
    {
        if (!Names.Contains(name)) throw new RecordingException($"{File}: has no array \"{name}\" (it has {string.Join(", ", Names)})");
        try
        {
            using var stream = zip is null ? System.IO.File.OpenRead(Path.Combine(folder!, name + ".npy")) : zip.GetEntry(name + ".npy")!.Open();
            var length = zip is null ? stream.Length : zip.GetEntry(name + ".npy")!.Length;
            return length <= MaxArrayBytes ? NpyArray.Read($"{File}/{name}", stream, length) : throw new RecordingException($"{File}/{name}: {length} bytes are beyond the limit of {MaxArrayBytes}");
        }
        catch (Exception e) when (e is InvalidDataException && e.Message.Contains("was compressed using", StringComparison.Ordinal) || e is NotSupportedException)
        {
            throw new RecordingException($"{File}/{name}: compressed in a way that is not read here; save it with numpy.savez or savez_compressed", e);
        }
        catch (InvalidDataException e)
        {
            throw new RecordingException($"{File}/{name}: damaged ({e.Message}); fetch it again", e);
        }
    }

    public void Dispose() => zip?.Dispose();
}
