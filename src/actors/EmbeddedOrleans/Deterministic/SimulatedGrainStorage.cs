using System.Globalization;
using System.Text.Json;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace CitySafeSense.EmbeddedOrleans.Deterministic;

/// <summary>Grain states in a simulated store, as JSON behind a version.</summary>
public sealed class SimulatedGrainStorage(SimulatedStore store) : IGrainStorage
{
    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var row = await store.ReadAsync(rows => rows.GetValueOrDefault(Key(stateName, grainId)));
        grainState.RecordExists = row is not null;
        grainState.ETag = row is null ? null : Version(row).ToString(CultureInfo.InvariantCulture);
        if (row is not null) grainState.State = JsonSerializer.Deserialize<T>(row.AsSpan(sizeof(long)));
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var (key, json, basis) = (Key(stateName, grainId), JsonSerializer.SerializeToUtf8Bytes(grainState.State), Basis(grainState.ETag));
        await store.CommitAsync(rows =>
        {
            Check(rows, key, basis);
            return [(key, (byte[])[.. BitConverter.GetBytes(basis + 1), .. json])];
        });
        grainState.ETag = (basis + 1).ToString(CultureInfo.InvariantCulture);
        grainState.RecordExists = true;
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var (key, basis) = (Key(stateName, grainId), Basis(grainState.ETag));
        await store.CommitAsync(rows =>
        {
            Check(rows, key, basis);
            return [(key, null)];
        });
        grainState.State = Activator.CreateInstance<T>();
        grainState.ETag = null;
        grainState.RecordExists = false;
    }

    private static string Key(string stateName, GrainId grainId) => $"state/{grainId}/{stateName}";

    private static long Version(byte[] row) => BitConverter.ToInt64(row);

    private static long Basis(string? etag) => etag is null ? 0 : long.Parse(etag, CultureInfo.InvariantCulture);

    private static void Check(IReadOnlyDictionary<string, byte[]> rows, string key, long basis)
    {
        var stored = rows.TryGetValue(key, out var row) ? Version(row) : 0;
        if (stored != basis)
            throw new InconsistentStateException($"{key}: stored version {stored}, written on top of {basis}", stored.ToString(CultureInfo.InvariantCulture), basis.ToString(CultureInfo.InvariantCulture));
    }
}
