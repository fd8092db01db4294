using System.Collections.Concurrent;
using System.Security.Cryptography;
using CitySafeSense.Contracts.Ports;

namespace CitySafeSense.InProcess;

/// <summary>Blobs that last as long as the process.</summary>
public sealed class MemoryBlobStore : IBlobStore
{
    private readonly ConcurrentDictionary<string, byte[]> blobs = new();

    public Task<string> Put(ReadOnlyMemory<byte> bytes)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(bytes.Span));
        blobs.TryAdd(hash, bytes.ToArray());
        return Task.FromResult(hash);
    }

    public Task<byte[]> Get(string hash) => blobs.TryGetValue(hash, out var bytes) ? Task.FromResult(bytes) : throw new KeyNotFoundException($"no blob {hash}");

    public Task Delete(string hash)
    {
        blobs.TryRemove(hash, out _);
        return Task.CompletedTask;
    }
}

/// <summary>An ingest log that lasts as long as the process.</summary>
public sealed class MemoryObservationLog : IObservationLog
{
    private readonly ConcurrentDictionary<int, Partition> partitions = new();

    public Task<long> NextOffset(int partition) => In(partition, p => p.Next);

    public Task<ImmutableArray<DeviceRow>> Devices(int partition, IReadOnlyCollection<ulong> deviceKeys) =>
        In<ImmutableArray<DeviceRow>>(partition, p => [.. deviceKeys.Select(k => p.Devices.GetValueOrDefault(k)).OfType<DeviceRow>()]);

    public Task Append(int partition, long expectedNext, IReadOnlyCollection<ObservationRow> rows, IReadOnlyCollection<DeviceRow> devices) => In(partition, p =>
    {
        if (p.Next != expectedNext) throw new InvalidOperationException($"partition {partition} is at offset {p.Next}, not {expectedNext}");
        foreach (var row in rows) p.Rows.Add(row.Offset, row);
        p.Next += rows.Count;
        foreach (var device in devices) p.Devices[device.DeviceKey] = device;
        return true;
    });

    public Task<ImmutableArray<ObservationRow>> Read(int partition, int most) => In<ImmutableArray<ObservationRow>>(partition, p => [.. p.Rows.Values.Take(most)]);

    public Task Delete(int partition, long throughOffset) => In(partition, p =>
    {
        foreach (var offset in p.Rows.Keys.TakeWhile(o => o <= throughOffset).ToArray()) p.Rows.Remove(offset);
        return true;
    });

    public Task<long> Count(int partition) => In(partition, p => (long)p.Rows.Count);

    public Task<bool> Forget(int partition, ulong deviceKey) => In(partition, p => p.Devices.Remove(deviceKey));

    private Task<T> In<T>(int partition, Func<Partition, T> work)
    {
        var p = partitions.GetOrAdd(partition, _ => new Partition());
        lock (p) return Task.FromResult(work(p));
    }

    private sealed class Partition
    {
        public readonly SortedDictionary<long, ObservationRow> Rows = [];
        public readonly Dictionary<ulong, DeviceRow> Devices = [];
        public long Next;
    }
}
