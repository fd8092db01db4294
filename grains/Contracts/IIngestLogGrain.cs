namespace CitySafeSense.Contracts;

/// <summary>One partition of the ingest log, `{partition}`: takes each message of a device once and passes it on to cells until they have it.</summary>
[Alias("citysafe.IIngestLogGrain")]
public interface IIngestLogGrain : IGrainWithIntegerKey
{
    /// <summary>Deduplicates and appends in one transaction; when this returns, what it took is durable.</summary>
    [Alias("Append")]
    Task<ImmutableArray<AppendVerdict>> Append(ImmutableArray<LogEntry> entries);

    /// <summary>Forgets a device: which of its messages were taken, and its slots. False if nothing was known of it.</summary>
    [Alias("Forget")]
    Task<bool> Forget(ulong deviceKey);

    /// <summary>Wakes the partition, so that what was taken before a restart reaches its cells.</summary>
    [Alias("Resume")]
    Task Resume();

    /// <summary>Rows that some cell has not confirmed yet.</summary>
    [AlwaysInterleave]
    [Alias("Pending")]
    Task<long> Pending();
}

[GenerateSerializer, Alias("citysafe.AppendVerdict")]
public enum AppendVerdict : byte
{
    Taken,
    Duplicate,
    TooOld,
    OldEpoch,
    TooMany,
}

/// <summary>One window or event on its way into the log. The device is a keyed hash, so is its (cell, hour) slot; the pseudonym belongs to one bin.</summary>
/// <param name="OwnerKey">Whose the device is, by keyed hash: all devices of one owner are admitted to slots, and counted, as one.</param>
/// <param name="EventKey">Of an event, which has no number: its time and word. 0 for a window.</param>
[GenerateSerializer, Immutable, Alias("citysafe.LogEntry")]
public sealed record LogEntry(
    ulong DeviceKey, ulong OwnerKey, ulong Epoch, ulong Sequence, long UnixSeconds, ulong Cell, byte? Activity, float Probability,
    float VelocityChangeEast, float VelocityChangeNorth, ulong Contributor, ulong Slot, ulong EventKey = 0)
{
    /// <summary>All of one owner's go to one, which can then tell what they were counted for.</summary>
    public int Partition => (int)(OwnerKey % Limits.Partitions);
}
