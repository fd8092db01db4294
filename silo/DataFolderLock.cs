namespace CitySafeSense.Silo;

/// <summary>One silo to a data folder. The operating system lets go of it when the process ends, however it ends.</summary>
public sealed class DataFolderLock : IDisposable
{
    private readonly FileStream file;

    /// <exception cref="IOException">Another silo has the folder.</exception>
    public DataFolderLock(string folder)
    {
        Directory.CreateDirectory(folder);
        try
        {
            file = new FileStream(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new IOException($"{folder}: another silo works on this data folder; stop it, or choose another with --data ({e.Message})", e);
        }
    }

    public void Dispose() => file.Dispose();
}
