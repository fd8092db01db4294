using System.Globalization;
using System.Text.Json;
using Orleans.Storage;

namespace CitySafeSense.Storage;

/// <summary>
/// Grain states as JSON rows with a version, whichever database they lie in: a write based on an older version is refused.
/// Both actor runtimes store by it, so that a city may move from one to the other with its data.
/// </summary>
public abstract class VersionedGrainStorage : IGrainStorage
{
    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var (version, bytes) = await ReadRow(grainId.ToString(), stateName).ConfigureAwait(false);
        grainState.RecordExists = bytes is not null;
        grainState.ETag = bytes is null ? null : version.ToString(CultureInfo.InvariantCulture);
        if (bytes is not null) grainState.State = JsonSerializer.Deserialize<T>(bytes)!;
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var (grain, basis) = (grainId.ToString(), Version(grainState.ETag));
        if (!await WriteRow(grain, stateName, basis, JsonSerializer.SerializeToUtf8Bytes(grainState.State)).ConfigureAwait(false)) throw await Lost(grain, stateName, basis).ConfigureAwait(false);
        grainState.ETag = (basis + 1).ToString(CultureInfo.InvariantCulture);
        grainState.RecordExists = true;
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var (grain, basis) = (grainId.ToString(), Version(grainState.ETag));
        if (basis > 0 && !await DeleteRow(grain, stateName, basis).ConfigureAwait(false)) throw await Lost(grain, stateName, basis).ConfigureAwait(false);
        grainState.State = Activator.CreateInstance<T>();
        grainState.ETag = null;
        grainState.RecordExists = false;
    }

    /// <summary>Version and bytes; (0, null) if there is no row.</summary>
    protected abstract Task<(long Version, byte[]? State)> ReadRow(string grain, string name);

    /// <summary>Makes version <paramref name="basis"/> + 1, durably; false if the stored one is not <paramref name="basis"/> (0: there must be no row).</summary>
    protected abstract Task<bool> WriteRow(string grain, string name, long basis, byte[] state);

    protected abstract Task<bool> DeleteRow(string grain, string name, long basis);

    private static long Version(string? etag) => etag is null ? 0 : long.Parse(etag, CultureInfo.InvariantCulture);

    private async Task<InconsistentStateException> Lost(string grain, string name, long basis)
    {
        var stored = (await ReadRow(grain, name).ConfigureAwait(false)).Version.ToString(CultureInfo.InvariantCulture);
        return new InconsistentStateException($"{grain}/{name}: stored version {stored}, written on top of {basis}", stored, basis.ToString(CultureInfo.InvariantCulture));
    }
}
