namespace CitySafeSense.Storage;

/// <summary>Grain states in one schema.</summary>
public sealed class PostgresGrainStorage(PostgresDatabase database) : VersionedGrainStorage
{
    protected override async Task<(long Version, byte[]? State)> ReadRow(string grain, string name) =>
        (await database.ReadAsync("SELECT version, state FROM states WHERE grain = $1 AND name = $2", static row => (row.GetInt64(0), (byte[]?)row.GetFieldValue<byte[]>(1)), grain, name).ConfigureAwait(false))
        .FirstOrDefault();

    protected override Task<bool> WriteRow(string grain, string name, long basis, byte[] state) => basis == 0
        ? database.WriteAsync("INSERT INTO states VALUES($1, $2, 1, $3) ON CONFLICT DO NOTHING RETURNING version", static rows => rows.Read(), grain, name, state)
        : database.WriteAsync("UPDATE states SET version = version + 1, state = $3 WHERE grain = $1 AND name = $2 AND version = $4 RETURNING version", static rows => rows.Read(), grain, name, state, basis);

    protected override Task<bool> DeleteRow(string grain, string name, long basis) =>
        database.WriteAsync("DELETE FROM states WHERE grain = $1 AND name = $2 AND version = $3 RETURNING version", static rows => rows.Read(), grain, name, basis);
}
