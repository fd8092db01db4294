using CitySafeSense.Contracts.Ports;
using CitySafeSense.Storage;
using Orleans.Storage;

namespace CitySafeSense.Tests.Storage;

public sealed class SqliteDatabaseTests : IDisposable
{
    private const string Schema = SqliteGrainStorage.Schema + SqliteBlobStore.Schema + SqliteObservationLog.Schema;
    private readonly string folder = Directory.CreateTempSubdirectory("citysafe-test-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private sealed class Row : IGrainState<List<string>>
    {
        public List<string>? State { get; set; }
        public string? ETag { get; set; }
        public bool RecordExists { get; set; }
    }

    [Fact]
    public async Task Concurrent_writes_share_transactions_and_all_are_there_after_reopening()
    {
        var path = Path.Combine(folder, "a.db");
        using (var database = new SqliteDatabase(path, Schema))
        {
            var blobs = new SqliteBlobStore(database);
            await Task.WhenAll(Enumerable.Range(0, 2000).Select(i => Task.Run(() => blobs.Put(BitConverter.GetBytes(i)))));
            Assert.InRange(database.Commits, 1, 1000);
        }
        using var again = new SqliteDatabase(path, Schema);
        var rows = again.Read(c =>
        {
            using var command = c.CreateCommand();
            command.CommandText = "SELECT count(*) FROM blobs";
            return (long)command.ExecuteScalar()!;
        });
        Assert.Equal(2000, rows);
    }

    [Fact]
    public async Task Writer_waits_for_the_disk()
    {
        using var database = new SqliteDatabase(Path.Combine(folder, "a.db"), Schema);
        var mode = await database.WriteAsync(c =>
        {
            using var command = c.CreateCommand();
            command.CommandText = "PRAGMA synchronous";
            return (long)command.ExecuteScalar()!;
        });
        Assert.Equal(2, mode); // FULL
    }

    [Fact]
    public async Task Failed_write_takes_no_other_with_it()
    {
        using var database = new SqliteDatabase(Path.Combine(folder, "a.db"), Schema);
        var blobs = new SqliteBlobStore(database);
        var writes = Enumerable.Range(0, 50).Select(i => i % 5 == 0
            ? database.WriteAsync<string>(_ => throw new InvalidOperationException("mine alone"))
            : blobs.Put(BitConverter.GetBytes(i))).ToArray();
        for (var i = 0; i < writes.Length; i++)
        {
            if (i % 5 == 0) await Assert.ThrowsAsync<InvalidOperationException>(() => writes[i]);
            else Assert.Equal(BitConverter.GetBytes(i), await blobs.Get(await writes[i]));
        }
    }

    [Fact]
    public async Task Write_on_top_of_an_older_version_is_refused()
    {
        using var database = new SqliteDatabase(Path.Combine(folder, "a.db"), Schema);
        var storage = new SqliteGrainStorage(database);
        var id = GrainId.Create("test", "x");
        var (mine, theirs) = (new Row { State = ["a"] }, new Row());
        await storage.WriteStateAsync("s", id, mine);
        await storage.ReadStateAsync("s", id, theirs);
        Assert.Equal(["a"], theirs.State!);
        Assert.Equal((true, "1"), (theirs.RecordExists, theirs.ETag));
        await storage.WriteStateAsync("s", id, mine);
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync("s", id, theirs));
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync("s", id, new Row { State = ["b"] }));
        await storage.ClearStateAsync("s", id, mine);
        await storage.ReadStateAsync("s", id, theirs);
        Assert.False(theirs.RecordExists);
    }

    [Fact]
    public async Task Log_keeps_offsets_after_rows_are_gone_and_refuses_one_twice()
    {
        var path = Path.Combine(folder, "a.db");
        using (var database = new SqliteDatabase(path, Schema))
        {
            var log = new SqliteObservationLog(database);
            await log.Append(4, 0, [new ObservationRow(0, ulong.MaxValue, [1]), new ObservationRow(1, 5, [2])], [new DeviceRow(ulong.MaxValue, [9], [8])]);
            await log.Delete(4, 0);
        }
        using var again = new SqliteDatabase(path, Schema);
        var reopened = new SqliteObservationLog(again);
        Assert.Equal(2, await reopened.NextOffset(4));
        Assert.Equal(0, await reopened.NextOffset(5));
        Assert.Equal((1L, 5UL), (await reopened.Read(4, 10)).Select(r => (r.Offset, r.Cell)).Single());
        Assert.Equal([9], (await reopened.Devices(4, [ulong.MaxValue, 3])).Single().Deliveries);
        Assert.True(await reopened.Forget(4, ulong.MaxValue));
        Assert.False(await reopened.Forget(4, ulong.MaxValue));
        Assert.Empty(await reopened.Devices(4, [ulong.MaxValue]));
        await reopened.Delete(4, 1); // even when its rows are gone, an offset is not given twice
        await Assert.ThrowsAsync<InvalidOperationException>(() => reopened.Append(4, 1, [new ObservationRow(1, 5, [2])], []));
        Assert.Equal(2, await reopened.NextOffset(4));
    }

    [Fact]
    public void File_that_is_no_database_is_named_with_a_remedy()
    {
        var path = Path.Combine(folder, "broken.db");
        File.WriteAllText(path, string.Concat(Enumerable.Repeat("this is no database. ", 500)));
        var error = Assert.Throws<StorageException>(() => new SqliteDatabase(path, Schema));
        Assert.Contains("broken.db", error.Message);
        Assert.Contains("choose another data folder", error.Message);
    }

    [Fact]
    public async Task Missing_weights_are_named()
    {
        using var database = new SqliteDatabase(Path.Combine(folder, "a.db"), Schema);
        Assert.Contains("abc", (await Assert.ThrowsAsync<KeyNotFoundException>(() => new SqliteBlobStore(database).Get("abc"))).Message);
    }

    [Fact]
    public async Task Full_disk_is_named_and_work_goes_on_when_there_is_room()
    {
        using var database = new SqliteDatabase(Path.Combine(folder, "full.db"), Schema);
        var blobs = new SqliteBlobStore(database);
        var kept = await blobs.Put(new byte[] { 1 });
        await database.WriteAsync(c =>
        {
            using var command = c.CreateCommand();
            command.CommandText = "PRAGMA max_page_count = 20"; // on this connection only: a disk with no room for more
            return command.ExecuteScalar();
        });
        var error = await Assert.ThrowsAsync<StorageException>(() => blobs.Put(new byte[1 << 20]));
        Assert.Contains("full.db: the disk is full; make room", error.Message);
        Assert.Equal([1], await blobs.Get(kept));
        await blobs.Put(new byte[1 << 20]); // opened anew: the limit is gone
    }

    [Fact]
    public async Task Damaged_file_is_named_and_work_goes_on_with_a_sound_copy()
    {
        var path = Path.Combine(folder, "hurt.db");
        using var database = new SqliteDatabase(path, Schema);
        var blobs = new SqliteBlobStore(database);
        var hash = await blobs.Put(new byte[50_000]);
        var copy = Path.Combine(folder, "copy.db");
        database.Read(c =>
        {
            using var command = c.CreateCommand();
            command.CommandText = $"VACUUM INTO '{copy}'";
            return command.ExecuteNonQuery();
        });
        // In place: whoever has them open has them damaged. From the log alone the file would be made whole again.
        await File.WriteAllBytesAsync(path, new byte[8192]);
        await File.WriteAllBytesAsync(path + "-wal", new byte[8192]);
        for (var i = 0; i < 2; i++) Assert.Contains("hurt.db", (await Assert.ThrowsAsync<StorageException>(database.Probe)).Message);
        Assert.Contains("hurt.db", (await Assert.ThrowsAsync<StorageException>(() => blobs.Put(new byte[] { 2 }))).Message);
        Assert.Contains("hurt.db", (await Assert.ThrowsAsync<StorageException>(() => blobs.Get(hash))).Message);
        File.Delete(path + "-wal");
        File.Delete(path + "-shm");
        File.Move(copy, path, overwrite: true);
        await database.Probe();
        Assert.Equal(new byte[50_000], await blobs.Get(hash));
    }

    [Fact]
    public async Task File_that_is_gone_refuses_writes_instead_of_losing_them()
    {
        var path = Path.Combine(folder, "gone.db");
        using var database = new SqliteDatabase(path, Schema);
        File.Move(path, path + ".away");
        Assert.Contains("gone.db", (await Assert.ThrowsAsync<StorageException>(database.Probe)).Message);
        Directory.CreateDirectory(path); // something that cannot even be opened for reading: the writer outlives it
        Assert.Contains("gone.db", (await Assert.ThrowsAsync<StorageException>(database.Probe)).Message);
    }
}
