using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace CitySafeSense.Storage;

/// <summary>
/// One SQLite file: a single writer that commits what has gathered in one transaction (group commit, synchronous=FULL), and a
/// connection for reading. A write returns when it is on disk; a write that fails takes no other with it.
/// </summary>
public sealed class SqliteDatabase : IDisposable
{
    private const int WritesPerCommit = 512;
    private const int QueuedWrites = 65_536;
    private readonly BlockingCollection<Write> queue = new(QueuedWrites);
    private readonly SqliteConnection writing;
    private readonly SqliteConnection reading;
    private readonly Lock readLock = new();
    private readonly Thread writer;
    private long commits;

    /// <param name="schema">Statements that create what does not exist.</param>
    /// <exception cref="StorageException">The file cannot be opened, or is not a database.</exception>
    public SqliteDatabase(string path, string schema)
    {
        Path = path;
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!);
            writing = Open(path);
            Execute(writing, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; " + schema);
            reading = Open(path);
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"{path}: cannot be opened as a database ({e.Message}); move it away or choose another data folder", e);
        }
        writer = new Thread(WriteLoop) { IsBackground = true, Name = "sqlite " + System.IO.Path.GetFileName(path) };
        writer.Start();
    }

    public string Path { get; }

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

    public T Read<T>(Func<SqliteConnection, T> query)
    {
        lock (readLock) return query(reading);
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
            Execute(writing, "BEGIN IMMEDIATE");
            foreach (var write in batch)
            {
                Execute(writing, "SAVEPOINT one");
                if (!write.TryRun(writing)) Execute(writing, "ROLLBACK TO one");
                Execute(writing, "RELEASE one");
            }
            Execute(writing, "COMMIT");
            Interlocked.Increment(ref commits);
        }
        catch (SqliteException e)
        {
            // A full disk may have rolled back by itself; a second rollback then has nothing to do.
            try
            {
                Execute(writing, "ROLLBACK");
            }
            catch (SqliteException)
            {
            }
            foreach (var write in batch) write.Fail(new StorageException($"{Path}: {e.Message}", e));
            return;
        }
        foreach (var write in batch) write.Complete();
    }

    private static SqliteConnection Open(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        Execute(connection, "PRAGMA busy_timeout=5000");
        return connection;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private abstract class Write
    {
        public abstract bool TryRun(SqliteConnection connection);

        public abstract void Complete();

        public abstract void Fail(Exception exception);
    }

    private sealed class Write<T>(Func<SqliteConnection, T> statements) : Write
    {
        public readonly TaskCompletionSource<T> Completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? result;
        private Exception? failure;

        public override bool TryRun(SqliteConnection connection)
        {
            try
            {
                result = statements(connection);
                return true;
            }
            catch (Exception e)
            {
                failure = e;
                return false;
            }
        }

        public override void Complete()
        {
            if (failure is null) Completion.SetResult(result!);
            else Completion.SetException(failure);
        }

        public override void Fail(Exception exception) => Completion.SetException(failure ?? exception);
    }
}

/// <summary>Storage that does not work: the message names the file and what to do.</summary>
public sealed class StorageException(string message, Exception inner) : Exception(message, inner);
