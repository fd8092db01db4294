using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace CitySafeSense.Storage;

/// <summary>
/// One SQLite file: a single writer that commits what has gathered in one transaction (group commit, synchronous=FULL), and a
/// connection for reading. A write returns when it is on disk; a write that fails takes no other with it.
/// </summary>
/// <remarks>
/// A file that has become unreadable fails each use with its name, and is opened anew before the next: when somebody has put a
/// sound one in its place, or made room on the disk, work goes on by itself.
/// </remarks>
public sealed class SqliteDatabase : IStorageProbe, IDisposable
{
    private const int WritesPerCommit = 512;
    private const int Corrupt = 11, Full = 13, CannotOpen = 14, Constraint = 19, NotADatabase = 26;
    private const int QueuedWrites = 65_536;
    private static ReadOnlySpan<byte> Magic => "SQLite format 3\0"u8;

    private readonly BlockingCollection<Write> queue = new(QueuedWrites);
    private readonly string schema;
    private SqliteConnection writing;
    private SqliteConnection reading;
    private readonly Lock readLock = new();
    private readonly Thread writer;
    private long commits;
    private volatile bool closed;

    /// <param name="schema">Statements that create what does not exist.</param>
    /// <exception cref="StorageException">The file cannot be opened, or is not a database.</exception>
    public SqliteDatabase(string path, string schema)
    {
        Path = path;
        this.schema = schema + "CREATE TABLE IF NOT EXISTS probes(id INTEGER PRIMARY KEY, times INTEGER NOT NULL);";
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!);
            (writing, reading) = OpenBoth();
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"{path}: cannot be opened as a database ({e.Message}); move it away or choose another data folder", e);
        }
        writer = new Thread(WriteLoop) { IsBackground = true, Name = "sqlite " + System.IO.Path.GetFileName(path) };
        writer.Start();
    }

    public string Path { get; }

    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    /// <summary>Transactions committed: fewer than writes, where writes came together.</summary>
    public long Commits => Volatile.Read(ref commits);

    /// <summary>Runs some statements on the writer's connection; the task ends when they are durable, or fails with what they threw.</summary>
    public Task<T> WriteAsync<T>(Func<SqliteConnection, T> statements)
    {
        var write = new Write<T>(statements);
        try
        {
            queue.Add(write);
        }
        catch (InvalidOperationException)
        {
            throw new ObjectDisposedException(Path);
        }
        return write.Completion.Task;
    }

    /// <exception cref="StorageException">The file does not work.</exception>
    public T Read<T>(Func<SqliteConnection, T> query)
    {
        // Only the writer opens anew: both connections at once, so that neither keeps a file that the other has left.
        if (closed) WriteAsync(static _ => true).GetAwaiter().GetResult();
        lock (readLock)
        {
            if (closed) throw new StorageException($"{Path}: the file does not work; it is opened anew before the next use");
            try
            {
                return query(reading);
            }
            catch (SqliteException e)
            {
                closed = true;
                reading.Dispose();
                throw Failure(e);
            }
        }
    }

    public async Task Probe()
    {
        await WriteAsync(connection => connection.Execute("INSERT INTO probes VALUES(1, 1) ON CONFLICT(id) DO UPDATE SET times = times + 1")).ConfigureAwait(false);
        Read(connection => connection.Scalar("SELECT count(*) FROM sqlite_schema"));
    }

    /// <summary>Commits what is queued, then closes.</summary>
    public void Dispose()
    {
        queue.CompleteAdding();
        writer.Join();
        writing.Dispose();
        lock (readLock) reading.Dispose();
        queue.Dispose();
    }

    private void WriteLoop()
    {
        var batch = new List<Write>();
        foreach (var first in queue.GetConsumingEnumerable())
        {
            batch.Add(first);
            while (batch.Count < WritesPerCommit && queue.TryTake(out var more)) batch.Add(more);
            Commit(batch);
            batch.Clear();
        }
    }

    private void Commit(List<Write> batch)
    {
        try
        {
            if (closed) Reopen();
            RequireSound();
            Execute(writing, "BEGIN IMMEDIATE");
            foreach (var write in batch)
            {
                Execute(writing, "SAVEPOINT one");
                var ran = write.TryRun(writing);
                // A file that does not work is everybody's failure; the transaction may be gone already.
                if (write.Failure is SqliteException { SqliteErrorCode: not Constraint } broken) throw broken;
                if (!ran) Execute(writing, "ROLLBACK TO one");
                Execute(writing, "RELEASE one");
            }
            Execute(writing, "COMMIT");
            Interlocked.Increment(ref commits);
        }
        catch (SqliteException e)
        {
            // Opened anew before the next use: that ends the transaction, whatever is left of it, and finds a file that was put right.
            Close();
            var failure = Failure(e);
            foreach (var write in batch) write.Fail(failure);
            return;
        }
        foreach (var write in batch) write.Complete();
    }

    /// <summary>What is open may go on in memory when its file is gone or overwritten; nothing of that would be there after a restart.</summary>
    private void RequireSound()
    {
        Span<byte> header = stackalloc byte[Magic.Length];
        int read;
        try
        {
            using var file = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            read = file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Gone, or not to be read: the writer's thread must outlive it, whatever it is.
            throw new SqliteException($"the file cannot be read: {e.Message}", CannotOpen);
        }
        if (read < header.Length || !header.SequenceEqual(Magic)) throw new SqliteException("the file is no database any more", NotADatabase);
    }

    private StorageException Failure(SqliteException e) => new(e.SqliteErrorCode switch
    {
        Full => $"{Path}: the disk is full; make room, work then goes on by itself",
        Corrupt or NotADatabase => $"{Path}: the file is damaged ({e.Message}); remove its -wal and -shm and put a sound copy in its place, work then goes on by itself",
        _ => $"{Path}: {e.Message}",
    }, e);

    private (SqliteConnection Writing, SqliteConnection Reading) OpenBoth()
    {
        var first = Open();
        try
        {
            Execute(first, schema);
            return (first, Open());
        }
        catch
        {
            first.Dispose();
            throw;
        }
    }

    private void Close()
    {
        lock (readLock)
        {
            closed = true;
            writing.Dispose();
            reading.Dispose();
        }
    }

    private void Reopen()
    {
        Close();
        lock (readLock)
        {
            (writing, reading) = OpenBoth();
            closed = false;
        }
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path, Pooling = false }.ToString());
        try
        {
            connection.Open();
            Execute(connection, "PRAGMA busy_timeout=5000; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private abstract class Write
    {
        /// <summary>What its statements threw.</summary>
        public Exception? Failure { get; protected set; }

        public abstract bool TryRun(SqliteConnection connection);

        public abstract void Complete();

        public abstract void Fail(Exception exception);
    }

    private sealed class Write<T>(Func<SqliteConnection, T> statements) : Write
    {
        public readonly TaskCompletionSource<T> Completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? result;

        public override bool TryRun(SqliteConnection connection)
        {
            try
            {
                result = statements(connection);
                return true;
            }
            catch (Exception e)
            {
                Failure = e;
                return false;
            }
        }

        public override void Complete()
        {
            if (Failure is null) Completion.SetResult(result!);
            else Completion.SetException(Failure);
        }

        public override void Fail(Exception exception) => Completion.SetException(Failure is null or SqliteException ? exception : Failure);
    }
}
