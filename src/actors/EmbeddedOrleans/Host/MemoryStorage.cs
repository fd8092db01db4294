using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace CitySafeSense.EmbeddedOrleans;

/// <summary>State that lasts as long as the process: for tests and experiments. It keeps bytes, never the objects, so that storage behaves like storage.</summary>
public sealed class MemoryStorage : IGrainStorage
{
    private readonly ConcurrentDictionary<(string State, GrainId Grain), (byte[] Bytes, long Version)> rows = new();

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        grainState.RecordExists = rows.TryGetValue((stateName, grainId), out var row);
        grainState.ETag = grainState.RecordExists ? row.Version.ToString(CultureInfo.InvariantCulture) : null;
        if (grainState.RecordExists) grainState.State = JsonSerializer.Deserialize<T>(row.Bytes);
        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(grainState.State);
        lock (rows)
        {
            var version = Check(stateName, grainId, grainState.ETag) + 1;
            rows[(stateName, grainId)] = (bytes, version);
            grainState.ETag = version.ToString(CultureInfo.InvariantCulture);
        }
        grainState.RecordExists = true;
        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        lock (rows)
        {
            Check(stateName, grainId, grainState.ETag);
            rows.TryRemove((stateName, grainId), out _);
        }
        grainState.State = Activator.CreateInstance<T>();
        grainState.ETag = null;
        grainState.RecordExists = false;
        return Task.CompletedTask;
    }

    private long Check(string stateName, GrainId grainId, string? etag)
    {
        var stored = rows.TryGetValue((stateName, grainId), out var row) ? row.Version : 0;
        var expected = etag is null ? 0 : long.Parse(etag, CultureInfo.InvariantCulture);
        return stored == expected ? stored : throw new InconsistentStateException(
            $"{grainId}/{stateName}: stored version {stored}, written on top of {expected}", stored.ToString(CultureInfo.InvariantCulture), etag);
    }
}
