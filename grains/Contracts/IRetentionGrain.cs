namespace CitySafeSense.Contracts;

/// <summary>One shard of the list of devices that were heard: `{shard}`, a stable hash of the device's id. It says whose time is up.</summary>
[Alias("citysafe.IRetentionGrain")]
public interface IRetentionGrain : IGrainWithIntegerKey
{
    /// <param name="day">Days since 0001-01-01.</param>
    [Alias("Heard")]
    Task Heard(ImmutableArray<string> devices, int day);

    /// <summary>Those that were last heard before a day, and those beyond the bound that have been silent for longest.</summary>
    [Alias("Silent")]
    Task<ImmutableArray<string>> Silent(int before);

    /// <summary>Nothing is kept of the device any more; false if it was not on the list.</summary>
    [Alias("Forget")]
    Task<bool> Forget(string device);
}
