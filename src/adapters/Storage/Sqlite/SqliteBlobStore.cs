using System.Security.Cryptography;
using CitySafeSense.Contracts.Ports;

namespace CitySafeSense.Storage;

/// <summary>Weights by the hash of their bytes, in one file.</summary>
public sealed class SqliteBlobStore(SqliteDatabase database) : IBlobStore
{
    public const string Schema = "CREATE TABLE IF NOT EXISTS blobs(hash TEXT PRIMARY KEY, bytes BLOB NOT NULL) WITHOUT ROWID;";

    public async Task<string> Put(ReadOnlyMemory<byte> bytes)
    {
        var copy = bytes.ToArray();
        var hash = Convert.ToHexStringLower(SHA256.HashData(copy));
        await database.WriteAsync(connection => connection.Execute("INSERT INTO blobs VALUES($1, $2) ON CONFLICT DO NOTHING", hash, copy));
        return hash;
    }

    public Task<byte[]> Get(string hash)
    {
        var bytes = database.Read(connection => (byte[]?)connection.Scalar("SELECT bytes FROM blobs WHERE hash = $1", hash));
        return bytes is null ? throw new KeyNotFoundException($"{database.Path}: no weights are stored under {hash}") : Task.FromResult(bytes);
    }

    public Task Delete(string hash) => database.WriteAsync(connection => connection.Execute("DELETE FROM blobs WHERE hash = $1", hash));
}
