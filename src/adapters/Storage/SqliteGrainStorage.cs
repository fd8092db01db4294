using System.Globalization;
using System.Text.Json;
using Orleans.Storage;

namespace CitySafeSense.Storage;

/// <summary>Grain states as JSON rows with a version; a write based on an older version is refused.</summary>
public sealed class SqliteGrainStorage(SqliteDatabase database) : IGrainStorage
{
    public const string Schema = "CREATE TABLE IF NOT EXISTS states(grain TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, state BLOB NOT NULL, PRIMARY KEY(grain, name)) WITHOUT ROWID;";

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var (version, bytes) = database.Read(connection =>
        {
            using var command = connection.Statement("SELECT version, state FROM states WHERE grain = $1 AND name = $2", grainId.ToString(), stateName);
            using var reader = command.ExecuteReader();
            return reader.Read() ? (reader.GetInt64(0), reader.GetFieldValue<byte[]>(1)) : (0L, null);
        });
        grainState.RecordExists = bytes is not null;
        grainState.ETag = bytes is null ? null : version.ToString(CultureInfo.InvariantCulture);
        if (bytes is not null) grainState.State = JsonSerializer.Deserialize<T>(bytes);
        return Task.CompletedTask;
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(grainState.State);
        var (grain, basis) = (grainId.ToString(), Version(grainState.ETag));
        var next = basis + 1;
        await database.WriteAsync(connection =>
        {
            var rows = basis == 0
                ? connection.Execute("INSERT INTO states VALUES($1, $2, $3, $4) ON CONFLICT DO NOTHING", grain, stateName, next, bytes)
                : connection.Execute("UPDATE states SET version = $3, state = $4 WHERE grain = $1 AND name = $2 AND version = $5", grain, stateName, next, bytes, basis);
            return rows == 1 ? rows : throw Lost(connection, grain, stateName, basis);
        });
        grainState.ETag = next.ToString(CultureInfo.InvariantCulture);
        grainState.RecordExists = true;
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var (grain, basis) = (grainId.ToString(), Version(grainState.ETag));
        await database.WriteAsync(connection =>
            connection.Execute("DELETE FROM states WHERE grain = $1 AND name = $2 AND version = $3", grain, stateName, basis) == 1 || basis == 0
                ? true
                : throw Lost(connection, grain, stateName, basis));
        grainState.State = Activator.CreateInstance<T>();
        grainState.ETag = null;
        grainState.RecordExists = false;
    }

    private static long Version(string? etag) => etag is null ? 0 : long.Parse(etag, CultureInfo.InvariantCulture);

    private static InconsistentStateException Lost(Microsoft.Data.Sqlite.SqliteConnection connection, string grain, string name, long basis)
    {
        var stored = connection.Scalar("SELECT version FROM states WHERE grain = $1 AND name = $2", grain, name)?.ToString();
        return new InconsistentStateException($"{grain}/{name}: stored version {stored ?? "none"}, written on top of {basis}", stored, basis.ToString(CultureInfo.InvariantCulture));
    }
}
