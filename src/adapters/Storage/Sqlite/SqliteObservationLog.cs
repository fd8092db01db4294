using System.Collections.Immutable;
using CitySafeSense.Contracts.Ports;

namespace CitySafeSense.Storage;

/// <summary>The ingest log's rows and what it knows of devices, in one file and one transaction.</summary>
public sealed class SqliteObservationLog(SqliteDatabase database) : IObservationLog
{
    public const string Schema = """
        CREATE TABLE IF NOT EXISTS heads(part INTEGER PRIMARY KEY, next INTEGER NOT NULL);
        CREATE TABLE IF NOT EXISTS observations(part INTEGER NOT NULL, at INTEGER NOT NULL, cell INTEGER NOT NULL, contribution BLOB NOT NULL, PRIMARY KEY(part, at)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS sequences(part INTEGER NOT NULL, device INTEGER NOT NULL, taken BLOB NOT NULL, tokens BLOB NOT NULL, PRIMARY KEY(part, device)) WITHOUT ROWID;
        """;

    public Task<long> NextOffset(int partition) => Task.FromResult(database.Read(c => (long?)c.Scalar("SELECT next FROM heads WHERE part = $1", partition) ?? 0));

    public Task<ImmutableArray<DeviceRow>> Devices(int partition, IReadOnlyCollection<ulong> deviceKeys) => Task.FromResult(database.Read(connection =>
    {
        var rows = ImmutableArray.CreateBuilder<DeviceRow>();
        using var command = connection.Statement("SELECT taken, tokens FROM sequences WHERE part = $1 AND device = $2", partition, 0L);
        foreach (var key in deviceKeys)
        {
            command.Parameters[1].Value = unchecked((long)key);
            using var reader = command.ExecuteReader();
            if (reader.Read()) rows.Add(new DeviceRow(key, reader.GetFieldValue<byte[]>(0), reader.GetFieldValue<byte[]>(1)));
        }
        return rows.ToImmutable();
    }));

    public Task Append(int partition, long expectedNext, IReadOnlyCollection<ObservationRow> rows, IReadOnlyCollection<DeviceRow> devices) => database.WriteAsync(connection =>
    {
        connection.Execute("INSERT INTO heads VALUES($1, 0) ON CONFLICT DO NOTHING", partition);
        if (connection.Execute("UPDATE heads SET next = $2 WHERE part = $1 AND next = $3", partition, expectedNext + rows.Count, expectedNext) == 0)
            throw new InvalidOperationException($"{database.Path}: partition {partition} has gone on beyond offset {expectedNext}: another silo writes to it");
        using var row = connection.Statement("INSERT INTO observations VALUES($1, $2, $3, $4)", partition, 0L, 0L, Array.Empty<byte>());
        foreach (var observation in rows)
        {
            row.Parameters[1].Value = observation.Offset;
            row.Parameters[2].Value = unchecked((long)observation.Cell);
            row.Parameters[3].Value = observation.Contribution;
            row.ExecuteNonQuery();
        }
        using var device = connection.Statement("INSERT OR REPLACE INTO sequences VALUES($1, $2, $3, $4)", partition, 0L, Array.Empty<byte>(), Array.Empty<byte>());
        foreach (var known in devices)
        {
            device.Parameters[1].Value = unchecked((long)known.DeviceKey);
            device.Parameters[2].Value = known.Deliveries;
            device.Parameters[3].Value = known.Tokens;
            device.ExecuteNonQuery();
        }
        return rows.Count;
    });

    public Task<ImmutableArray<ObservationRow>> Read(int partition, int most) => Task.FromResult(database.Read(connection =>
    {
        var rows = ImmutableArray.CreateBuilder<ObservationRow>();
        using var command = connection.Statement("SELECT at, cell, contribution FROM observations WHERE part = $1 ORDER BY at LIMIT $2", partition, most);
        using var reader = command.ExecuteReader();
        while (reader.Read()) rows.Add(new ObservationRow(reader.GetInt64(0), unchecked((ulong)reader.GetInt64(1)), reader.GetFieldValue<byte[]>(2)));
        return rows.ToImmutable();
    }));

    public Task Delete(int partition, long throughOffset) =>
        database.WriteAsync(connection => connection.Execute("DELETE FROM observations WHERE part = $1 AND at <= $2", partition, throughOffset));

    public Task<bool> Forget(int partition, ulong deviceKey) =>
        database.WriteAsync(connection => connection.Execute("DELETE FROM sequences WHERE part = $1 AND device = $2", partition, unchecked((long)deviceKey)) > 0);

    public Task<long> Count(int partition) => Task.FromResult(database.Read(c => (long)c.Scalar("SELECT count(*) FROM observations WHERE part = $1", partition)!));
}
