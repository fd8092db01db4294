using System.Collections.Immutable;
using CitySafeSense.Contracts.Ports;

namespace CitySafeSense.Storage;

/// <summary>The ingest log's rows and what it knows of devices, in one schema; an append is one statement.</summary>
public sealed class PostgresObservationLog(PostgresDatabase database) : IObservationLog
{
    /// <summary>The head moves only from where the writer believes it is; without that, neither rows nor devices are written.</summary>
    private const string Appending = """
        WITH head AS (
          INSERT INTO heads AS h SELECT $1, $3 WHERE $2 = 0 OR EXISTS (SELECT FROM heads WHERE part = $1)
          ON CONFLICT (part) DO UPDATE SET next = $3 WHERE h.next = $2 RETURNING part),
        added AS (
          INSERT INTO observations SELECT $1, * FROM unnest($4::bigint[], $5::bigint[], $6::bytea[]) WHERE EXISTS (SELECT FROM head)),
        known AS (
          INSERT INTO sequences SELECT $1, * FROM unnest($7::bigint[], $8::bytea[], $9::bytea[]) WHERE EXISTS (SELECT FROM head)
          ON CONFLICT (part, device) DO UPDATE SET taken = excluded.taken, tokens = excluded.tokens)
        SELECT part FROM head
        """;

    public async Task<long> NextOffset(int partition) =>
        (await database.ReadAsync("SELECT next FROM heads WHERE part = $1", static row => row.GetInt64(0), partition).ConfigureAwait(false)).FirstOrDefault();

    public async Task<ImmutableArray<DeviceRow>> Devices(int partition, IReadOnlyCollection<ulong> deviceKeys) => [.. await database.ReadAsync(
        "SELECT device, taken, tokens FROM sequences WHERE part = $1 AND device = ANY($2)",
        static row => new DeviceRow(unchecked((ulong)row.GetInt64(0)), row.GetFieldValue<byte[]>(1), row.GetFieldValue<byte[]>(2)),
        partition, deviceKeys.Select(k => unchecked((long)k)).ToArray()).ConfigureAwait(false)];

    public async Task Append(int partition, long expectedNext, IReadOnlyCollection<ObservationRow> rows, IReadOnlyCollection<DeviceRow> devices)
    {
        var moved = await database.WriteAsync(
            Appending, static reader => reader.Read(), partition, expectedNext, expectedNext + rows.Count,
            rows.Select(r => r.Offset).ToArray(), rows.Select(r => unchecked((long)r.Cell)).ToArray(), rows.Select(r => r.Contribution).ToArray(),
            devices.Select(d => unchecked((long)d.DeviceKey)).ToArray(), devices.Select(d => d.Deliveries).ToArray(), devices.Select(d => d.Tokens).ToArray()).ConfigureAwait(false);
        if (!moved) throw new InvalidOperationException($"{database.Place}: partition {partition} has gone on beyond offset {expectedNext}: another silo writes to it");
    }

    public async Task<ImmutableArray<ObservationRow>> Read(int partition, int most) => [.. await database.ReadAsync(
        "SELECT at, cell, contribution FROM observations WHERE part = $1 ORDER BY at LIMIT $2",
        static row => new ObservationRow(row.GetInt64(0), unchecked((ulong)row.GetInt64(1)), row.GetFieldValue<byte[]>(2)), partition, most).ConfigureAwait(false)];

    public Task Delete(int partition, long throughOffset) =>
        database.WriteAsync("DELETE FROM observations WHERE part = $1 AND at <= $2 RETURNING at", static rows => rows.Read(), partition, throughOffset);

    public Task<bool> Forget(int partition, ulong deviceKey) =>
        database.WriteAsync("DELETE FROM sequences WHERE part = $1 AND device = $2 RETURNING part", static rows => rows.Read(), partition, unchecked((long)deviceKey));

    public async Task<long> Count(int partition) =>
        (await database.ReadAsync("SELECT count(*) FROM observations WHERE part = $1", static row => row.GetInt64(0), partition).ConfigureAwait(false))[0];
}
