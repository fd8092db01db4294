namespace CitySafeSense.Storage;

/// <summary>A store that can say whether it works.</summary>
public interface IStorageProbe
{
    /// <summary>What it is for: devices, ingest or cells.</summary>
    string Name { get; }

    /// <summary>Writes something that means nothing, durably.</summary>
    /// <exception cref="StorageException">It does not work; the message says why.</exception>
    Task Probe();
}
