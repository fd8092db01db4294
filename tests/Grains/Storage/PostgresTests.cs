using CitySafeSense.Contracts.Ports;
using CitySafeSense.Storage;
using Orleans.Storage;

namespace CitySafeSense.Tests.Storage;

/// <summary>A server for all tests of the class.</summary>
public sealed class PostgresServer : IAsyncLifetime
{
    public TemporaryPostgres? Server { get; private set; }

    public async Task InitializeAsync()
    {
        if (TemporaryPostgres.IsInstalled) Server = await TemporaryPostgres.Start(CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        if (Server is not null) await Server.DisposeAsync();
    }
}

public sealed class PostgresTests(PostgresServer server) : IClassFixture<PostgresServer>
{
    private PostgresDatabase Open(string schema) => new(server.Server!.ConnectionString, schema);

    private sealed class Row : IGrainState<List<string>>
    {
        public List<string>? State { get; set; }
        public string? ETag { get; set; }
        public bool RecordExists { get; set; }
    }

    [PostgresFact]
    public async Task Concurrent_writes_share_transactions_and_one_that_fails_takes_no_other_with_it()
    {
        await using var database = Open("devices");
        var blobs = new PostgresBlobStore(database);
        var writes = Enumerable.Range(0, 500).Select(i => i % 50 == 7
            ? database.WriteAsync("INSERT INTO blobs VALUES($1, NULL) RETURNING hash", r => r.Read() ? r.GetString(0) : "", $"bad {i}")
            : blobs.Put(BitConverter.GetBytes(i))).ToArray();
        for (var i = 0; i < writes.Length; i++)
        {
            if (i % 50 == 7) await Assert.ThrowsAsync<StorageException>(() => writes[i]);
            else Assert.Equal(BitConverter.GetBytes(i), await blobs.Get(await writes[i]));
        }
        await Task.WhenAll(Enumerable.Range(1000, 500).Select(i => blobs.Put(BitConverter.GetBytes(i))));
        Assert.InRange(database.Commits, 1, 900);
    }

    [PostgresFact]
    public async Task Write_on_top_of_an_older_version_is_refused()
    {
        await using var database = Open("cells");
        var storage = new PostgresGrainStorage(database);
        var id = GrainId.Create("test", "raced");
        var (mine, theirs) = (new Row { State = ["a"] }, new Row());
        await storage.WriteStateAsync("s", id, mine);
        await storage.ReadStateAsync("s", id, theirs);
        Assert.Equal(["a"], theirs.State!);
        await storage.WriteStateAsync("s", id, mine);
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync("s", id, theirs));
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync("s", id, new Row { State = ["b"] }));
        await storage.ClearStateAsync("s", id, mine);
        await storage.ReadStateAsync("s", id, theirs);
        Assert.False(theirs.RecordExists);
    }

    [PostgresFact]
    public async Task Log_keeps_offsets_after_rows_are_gone_and_refuses_one_twice()
    {
        await using var database = Open("ingest");
        var log = new PostgresObservationLog(database);
        await log.Append(4, 0, [new ObservationRow(0, ulong.MaxValue, [1]), new ObservationRow(1, 5, [2])], [new DeviceRow(ulong.MaxValue, [9], [8])]);
        await log.Delete(4, 0);
        Assert.Equal(2, await log.NextOffset(4));
        Assert.Equal(0, await log.NextOffset(5));
        Assert.Equal((1L, 5UL), (await log.Read(4, 10)).Select(r => (r.Offset, r.Cell)).Single());
        Assert.Equal([9], (await log.Devices(4, [ulong.MaxValue, 3])).Single().Deliveries);
        Assert.True(await log.Forget(4, ulong.MaxValue));
        Assert.False(await log.Forget(4, ulong.MaxValue));
        Assert.Empty(await log.Devices(4, [ulong.MaxValue]));
        await log.Delete(4, 1);
        await Assert.ThrowsAsync<InvalidOperationException>(() => log.Append(4, 1, [new ObservationRow(1, 5, [2])], []));
        await Assert.ThrowsAsync<InvalidOperationException>(() => log.Append(6, 3, [new ObservationRow(3, 5, [2])], []));
        Assert.Equal(2, await log.NextOffset(4));
        Assert.Equal(0, await log.Count(4));
        await log.Append(4, 2, [new ObservationRow(2, 5, [3])], [new DeviceRow(ulong.MaxValue, [10], [8])]);
        Assert.Equal([10], (await log.Devices(4, [ulong.MaxValue])).Single().Deliveries);
    }

    [PostgresFact]
    public async Task Reminders_are_kept_with_a_version()
    {
        await using var database = Open("cells");
        var table = new PostgresReminderTable(database);
        var id = GrainId.Create("reminded", "x");
        var entry = new ReminderEntry { GrainId = id, ReminderName = "wake", StartAt = new DateTime(2026, 3, 2, 12, 0, 0, DateTimeKind.Utc), Period = TimeSpan.FromMinutes(1) };
        var first = await table.UpsertRow(entry);
        var second = await table.UpsertRow(entry);
        Assert.NotEqual(first, second);
        Assert.Equal(entry.StartAt, (await table.ReadRow(id, "wake"))!.StartAt);
        Assert.Single((await table.ReadRows(0, 0)).Reminders, r => r.GrainId == id);
        Assert.False(await table.RemoveRow(id, "wake", first!));
        Assert.True(await table.RemoveRow(id, "wake", second!));
    }

    /// <summary>A server has a hundred connections for every store of every silo.</summary>
    [PostgresFact]
    public async Task Many_reads_at_once_share_a_few_connections()
    {
        await using var database = Open("cells");
        var reads = Enumerable.Range(0, 300).Select(_ => database.ReadAsync("SELECT pg_backend_pid() FROM pg_sleep(0.01)", r => r.GetInt32(0))).ToArray();
        var connections = (await Task.WhenAll(reads)).Select(r => r[0]).Distinct().Count();
        Assert.InRange(connections, 2, PostgresDatabase.ConnectionsMax);
        await using var wide = new PostgresDatabase($"{server.Server!.ConnectionString};Maximum Pool Size=20", "cells");
        var more = await Task.WhenAll(Enumerable.Range(0, 300).Select(_ => wide.ReadAsync("SELECT pg_backend_pid() FROM pg_sleep(0.05)", r => r.GetInt32(0))));
        Assert.InRange(more.Select(r => r[0]).Distinct().Count(), PostgresDatabase.ConnectionsMax + 1, 20);
    }

    [PostgresFact]
    public async Task Store_cannot_see_the_tables_of_another()
    {
        await using var cells = Open("cells");
        var error = await Assert.ThrowsAsync<StorageException>(() => cells.ReadAsync("SELECT grain FROM devices.states", r => r.GetString(0)));
        Assert.Contains("permission denied", error.Message);
    }

    [PostgresFact]
    public async Task Server_that_dies_is_named_and_work_goes_on_when_it_is_back()
    {
        await using var own = await TemporaryPostgres.Start(CancellationToken.None);
        await using var database = new PostgresDatabase(own.ConnectionString, "devices");
        var blobs = new PostgresBlobStore(database);
        var hash = await blobs.Put(new byte[] { 1 });
        await own.Kill();
        var error = await Assert.ThrowsAsync<StorageException>(() => blobs.Put(new byte[] { 2 }));
        Assert.Contains("PostgreSQL 127.0.0.1", error.Message);
        Assert.DoesNotContain("Password", error.Message);
        await Assert.ThrowsAsync<StorageException>(() => blobs.Get(hash));
        await own.StartServer(CancellationToken.None);
        Assert.Equal([1], await blobs.Get(hash));
        await blobs.Put(new byte[] { 2 });
    }
}
