namespace CitySafeSense.Contracts.Ports;

/// <summary>A row that waits for its cell: no device in it.</summary>
public sealed record ObservationRow(long Offset, ulong Cell, byte[] Contribution);

/// <summary>What a partition knows of one device, by keyed hash: which messages it took, and the slots it was counted in.</summary>
public sealed record DeviceRow(ulong DeviceKey, byte[] Deliveries, byte[] Tokens);

/// <summary>The durable part of an ingest partition. One writer for each partition; a second one fails, because it expects an offset that is taken.</summary>
public interface IObservationLog
{
    /// <summary>The offset the next row gets.</summary>
    Task<long> NextOffset(int partition);

    /// <summary>The rows of these devices that exist.</summary>
    Task<ImmutableArray<DeviceRow>> Devices(int partition, IReadOnlyCollection<ulong> deviceKeys);

    /// <summary>Appends rows from offset <paramref name="expectedNext"/> on and replaces device rows, in one transaction; durable when it returns.</summary>
    /// <exception cref="InvalidOperationException">Somebody else has written to the partition: its next offset is another.</exception>
    Task Append(int partition, long expectedNext, IReadOnlyCollection<ObservationRow> rows, IReadOnlyCollection<DeviceRow> devices);

    /// <summary>The oldest rows.</summary>
    Task<ImmutableArray<ObservationRow>> Read(int partition, int most);

    /// <summary>Forgets rows up to an offset, once their cells have them.</summary>
    Task Delete(int partition, long throughOffset);

    Task<long> Count(int partition);

    /// <summary>Forgets what is known of a device; false if nothing was. Rows that wait for their cells name none.</summary>
    Task<bool> Forget(int partition, ulong deviceKey);
}
