using System.Security.Cryptography;
using CitySafeSense.Contracts.Ports;
using CitySafeSense.EmbeddedOrleans.Deterministic;
using CitySafeSense.Numerics;

namespace CitySafeSense.InProcess;

/// <summary>Blobs in a simulated store.</summary>
public sealed class SimulatedBlobStore(SimulatedStore store) : IBlobStore
{
    public async Task<string> Put(ReadOnlyMemory<byte> bytes)
    {
        var copy = bytes.ToArray();
        var hash = Convert.ToHexStringLower(SHA256.HashData(copy));
        await store.CommitAsync(rows => rows.ContainsKey(Key(hash)) ? [] : [(Key(hash), copy)]);
        return hash;
    }

    public async Task<byte[]> Get(string hash) => await store.ReadAsync(rows => rows.GetValueOrDefault(Key(hash))) ?? throw new KeyNotFoundException($"no blob {hash}");

    public Task Delete(string hash) => store.CommitAsync(_ => [(Key(hash), null)]);

    private static string Key(string hash) => $"blob/{hash}";
}

/// <summary>An ingest log in a simulated store; an append is one record of its disk.</summary>
public sealed class SimulatedObservationLog(SimulatedStore store) : IObservationLog
{
    public Task<long> NextOffset(int partition) => store.ReadAsync(rows => Next(rows, partition));

    public Task<ImmutableArray<DeviceRow>> Devices(int partition, IReadOnlyCollection<ulong> deviceKeys) => store.ReadAsync<ImmutableArray<DeviceRow>>(rows =>
        [.. deviceKeys.Where(k => rows.ContainsKey(Device(partition, k))).Select(k => Decode(k, rows[Device(partition, k)]))]);

    public Task Append(int partition, long expectedNext, IReadOnlyCollection<ObservationRow> rows, IReadOnlyCollection<DeviceRow> devices) => store.CommitAsync(stored =>
    {
        if (Next(stored, partition) is var next && next != expectedNext) throw new InvalidOperationException($"partition {partition} is at offset {next}, not {expectedNext}");
        return [
            (Head(partition), BitConverter.GetBytes(expectedNext + rows.Count)),
            .. rows.Select(r => (Row(partition, r.Offset), (byte[]?)[.. BitConverter.GetBytes(r.Cell), .. r.Contribution])),
            .. devices.Select(d => (Device(partition, d.DeviceKey), (byte[]?)[.. BitConverter.GetBytes(d.Deliveries.Length), .. d.Deliveries, .. d.Tokens]))];
    });

    public Task<ImmutableArray<ObservationRow>> Read(int partition, int most) => store.ReadAsync<ImmutableArray<ObservationRow>>(rows =>
        [.. Rows(rows, partition).Take(most).Select(r => new ObservationRow(Offset(r.Key), BitConverter.ToUInt64(r.Value), r.Value[sizeof(ulong)..]))]);

    public Task Delete(int partition, long throughOffset) =>
        store.CommitAsync(rows => [.. Rows(rows, partition).TakeWhile(r => Offset(r.Key) <= throughOffset).Select(r => (r.Key, (byte[]?)null))]);

    public Task<long> Count(int partition) => store.ReadAsync(rows => (long)Rows(rows, partition).Count());

    public async Task<bool> Forget(int partition, ulong deviceKey)
    {
        var was = await store.ReadAsync(rows => rows.ContainsKey(Device(partition, deviceKey)));
        if (was) await store.CommitAsync(_ => [(Device(partition, deviceKey), null)]);
        return was;
    }

    private static long Next(IReadOnlyDictionary<string, byte[]> rows, int partition) => rows.TryGetValue(Head(partition), out var head) ? BitConverter.ToInt64(head) : 0;

    /// <summary>In the order of their keys, which is that of their offsets.</summary>
    private static IEnumerable<KeyValuePair<string, byte[]>> Rows(IReadOnlyDictionary<string, byte[]> rows, int partition) =>
        rows.Where(r => r.Key.StartsWith($"row/{partition:D3}/", StringComparison.Ordinal));

    private static long Offset(string key) => long.Parse(key.AsSpan(key.LastIndexOf('/') + 1), System.Globalization.CultureInfo.InvariantCulture);

    private static DeviceRow Decode(ulong key, byte[] row)
    {
        var sequences = BitConverter.ToInt32(row);
        return new DeviceRow(key, row[sizeof(int)..(sizeof(int) + sequences)], row[(sizeof(int) + sequences)..]);
    }

    private static string Head(int partition) => $"head/{partition:D3}";

    private static string Row(int partition, long offset) => $"row/{partition:D3}/{offset:D19}";

    private static string Device(int partition, ulong key) => $"device/{partition:D3}/{key:x16}";
}

/// <summary>Long arithmetic, done at once and answered after a virtual while.</summary>
public sealed class SimulatedComputePool(DeterministicRun run) : IComputePool
{
    private readonly Rng durations = Rng.For(run.Seed, "compute");

    public async Task<T> Run<T>(Func<T> work)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(5 + durations.NextInt(50)), run.Time);
        return work();
    }
}
