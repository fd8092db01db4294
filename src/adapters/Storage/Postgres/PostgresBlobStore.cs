using System.Security.Cryptography;
using CitySafeSense.Contracts.Ports;

namespace CitySafeSense.Storage;

/// <summary>Weights by the hash of their bytes.</summary>
public sealed class PostgresBlobStore(PostgresDatabase database) : IBlobStore
{
    public async Task<string> Put(ReadOnlyMemory<byte> bytes)
    {
        var copy = bytes.ToArray();
        var hash = Convert.ToHexStringLower(SHA256.HashData(copy));
        await database.WriteAsync("INSERT INTO blobs VALUES($1, $2) ON CONFLICT DO NOTHING RETURNING hash", static rows => rows.Read(), hash, copy).ConfigureAwait(false);
        return hash;
    }

    public async Task<byte[]> Get(string hash) =>
        (await database.ReadAsync("SELECT bytes FROM blobs WHERE hash = $1", static row => row.GetFieldValue<byte[]>(0), hash).ConfigureAwait(false)).FirstOrDefault()
        ?? throw new KeyNotFoundException($"{database.Place}: no weights are stored under {hash}");

    public Task Delete(string hash) => database.WriteAsync("DELETE FROM blobs WHERE hash = $1 RETURNING hash", static rows => rows.Read(), hash);
}
