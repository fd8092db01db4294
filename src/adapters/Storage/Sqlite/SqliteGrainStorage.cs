namespace CitySafeSense.Storage;

/// <summary>Grain states in one file.</summary>
public sealed class SqliteGrainStorage(SqliteDatabase database) : VersionedGrainStorage
{
    public const string Schema = "CREATE TABLE IF NOT EXISTS states(grain TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, state BLOB NOT NULL, PRIMARY KEY(grain, name)) WITHOUT ROWID;";

    protected override Task<(long Version, byte[]? State)> ReadRow(string grain, string name) => Task.FromResult(database.Read(connection =>
    {
        using var command = connection.Statement("SELECT version, state FROM states WHERE grain = $1 AND name = $2", grain, name);
        using var reader = command.ExecuteReader();
        return reader.Read() ? (reader.GetInt64(0), reader.GetFieldValue<byte[]>(1)) : (0L, (byte[]?)null);
    }));

    protected override Task<bool> WriteRow(string grain, string name, long basis, byte[] state) => database.WriteAsync(connection => 1 == (basis == 0
        ? connection.Execute("INSERT INTO states VALUES($1, $2, 1, $3) ON CONFLICT DO NOTHING", grain, name, state)
        : connection.Execute("UPDATE states SET version = version + 1, state = $3 WHERE grain = $1 AND name = $2 AND version = $4", grain, name, state, basis)));

    protected override Task<bool> DeleteRow(string grain, string name, long basis) =>
        database.WriteAsync(connection => connection.Execute("DELETE FROM states WHERE grain = $1 AND name = $2 AND version = $3", grain, name, basis) == 1);
}
