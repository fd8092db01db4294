using System.IO.Compression;

namespace CitySafeSense.Sensing.Recordings;

/// <summary>numpy's .npz: a zip of arrays, opened by name. Arrays are read when asked for, not before.</summary>
public sealed class NpzArchive : IDisposable
{
    private const long MaxArrayBytes = 4L << 30;
    private readonly ZipArchive zip;
    private readonly string file;

    /// <param name="file">What messages call it.</param>
    /// <exception cref="RecordingException">Not a zip, or cut off.</exception>
    public NpzArchive(Stream stream, string file)
    {
        this.file = file;
        try
        {
            zip = new ZipArchive(stream, ZipArchiveMode.Read);
            Names = [.. zip.Entries.Select(e => Path.GetFileNameWithoutExtension(e.FullName)).Order(StringComparer.Ordinal)];
        }
        catch (InvalidDataException e)
        {
            throw new RecordingException($"{file}: not a whole .npz archive ({e.Message}); fetch it again", e);
        }
    }

    /// <summary>What messages call it.</summary>
    public string File => file;

    public IReadOnlyList<string> Names { get; }

    public NpyArray Read(string name)
    {
        var entry = zip.GetEntry(name + ".npy")
            ?? throw new RecordingException($"{file}: has no array \"{name}\" (it has {string.Join(", ", Names)})");
        if (entry.Length > MaxArrayBytes) throw new RecordingException($"{file}/{name}: {entry.Length} bytes are beyond the limit of {MaxArrayBytes}");
        try
        {
            using var stream = entry.Open();
            return NpyArray.Read($"{file}/{name}", stream, entry.Length);
        }
        catch (InvalidDataException e)
        {
            throw new RecordingException($"{file}/{name}: damaged ({e.Message}); fetch it again", e);
        }
    }

    public void Dispose() => zip.Dispose();
}
