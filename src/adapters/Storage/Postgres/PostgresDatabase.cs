using System.Threading.Channels;
using Npgsql;

namespace CitySafeSense.Storage;

/// <summary>
/// One schema of a PostgreSQL database: writes that come together are sent together and share a transaction (group commit). A write
/// returns when it is committed; one that fails takes no other with it. The server is asked anew for each group: when it comes back, work goes on.
/// </summary>
public sealed class PostgresDatabase : IStorageProbe, IAsyncDisposable
{
    /// <summary>Unless the connection string says otherwise: a server has 100 for all schemas of all silos, and where they are used up a cluster's members no longer see each other.</summary>
    public const int ConnectionsMax = 8;

    private const int WritesPerCommit = 256;
    private const int QueuedWrites = 65_536;
    private readonly Channel<PostgresWrite> queue = Channel.CreateBounded<PostgresWrite>(new BoundedChannelOptions(QueuedWrites) { SingleReader = true });
    private readonly NpgsqlDataSource source;
    private readonly Task writer;
    private NpgsqlConnection? writing;
    private long commits;

    /// <param name="schema">The schema its tables lie in; the role citysafe_SCHEMA is taken on, which may see no other.</param>
    public PostgresDatabase(string connectionString, string schema)
    {
        Name = schema;
        var builder = new NpgsqlConnectionStringBuilder(connectionString)
        {
            SearchPath = schema,
            Options = $"-c role=citysafe_{schema}",
            MaxAutoPrepare = 64,
            AutoPrepareMinUsages = 2,
            CommandTimeout = 15,
            Timeout = 5,
            Enlist = false,
        };
        if (!builder.ShouldSerialize("Maximum Pool Size")) builder.MaxPoolSize = ConnectionsMax;
        Place = $"PostgreSQL {builder.Host}:{builder.Port}/{builder.Database}, schema {schema}";
        source = NpgsqlDataSource.Create(builder);
        writer = Task.Run(WriteLoop);
    }

    public string Name { get; }

    /// <summary>Transactions committed: fewer than writes, where writes came together.</summary>
    public long Commits => Volatile.Read(ref commits);

    /// <summary>For messages; no user, no password.</summary>
    internal string Place { get; }

    /// <summary>One statement with parameters $1, $2 ... that returns rows, and what its rows mean. Returns when it is committed.</summary>
    /// <exception cref="StorageException">The server does not answer or refuses. Whether the write took effect is unknown if the connection broke.</exception>
    public async Task<T> WriteAsync<T>(string statement, Func<NpgsqlDataReader, T> read, params object[] values)
    {
        var write = new PostgresWrite<T>(statement, values, read);
        try
        {
            if (!queue.Writer.TryWrite(write)) await queue.Writer.WriteAsync(write).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(Place);
        }
        return await write.Result.ConfigureAwait(false);
    }

    public async Task<List<T>> ReadAsync<T>(string query, Func<NpgsqlDataReader, T> row, params object[] values)
    {
        try
        {
            await using var command = source.CreateCommand(query);
            foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
            await using var reader = await command.ExecuteReaderAsync().ConfigureAwait(false);
            var rows = new List<T>();
            while (await reader.ReadAsync().ConfigureAwait(false)) rows.Add(row(reader));
            return rows;
        }
        catch (Exception e) when (e is NpgsqlException or IOException or TimeoutException)
        {
            throw Failure(e);
        }
    }

    public Task Probe() => WriteAsync("INSERT INTO probes VALUES(1, 1) ON CONFLICT(id) DO UPDATE SET times = probes.times + 1 RETURNING times", static reader => reader.Read());

    /// <summary>Commits what is queued, then closes.</summary>
    public async ValueTask DisposeAsync()
    {
        queue.Writer.TryComplete();
        await writer.ConfigureAwait(false);
        if (writing is not null) await writing.DisposeAsync().ConfigureAwait(false);
        await source.DisposeAsync().ConfigureAwait(false);
    }

    private async Task WriteLoop()
    {
        var batch = new List<PostgresWrite>();
        while (await queue.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            while (batch.Count < WritesPerCommit && queue.Reader.TryRead(out var write)) batch.Add(write);
            try
            {
                await Commit(batch).ConfigureAwait(false);
            }
            catch (PostgresException e) when (batch.Count > 1 && writing?.State == System.Data.ConnectionState.Open && e.SqlState is not ['5', '7', ..])
            {
                // One of them is at fault and the transaction is undone; alone, only that one fails.
                foreach (var write in batch) await CommitAlone(write).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                await Fail(batch, e).ConfigureAwait(false);
            }
            batch.Clear();
        }
    }

    private async Task CommitAlone(PostgresWrite write)
    {
        try
        {
            await Commit([write]).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            await Fail([write], e).ConfigureAwait(false);
        }
    }

    /// <summary>All statements go out at once, as one transaction; nobody is told of success before its end.</summary>
    private async Task Commit(List<PostgresWrite> batch)
    {
        writing ??= await source.OpenConnectionAsync().ConfigureAwait(false);
        await using var statements = new NpgsqlBatch(writing);
        foreach (var write in batch) statements.BatchCommands.Add(write.Command());
        await using (var reader = await statements.ExecuteReaderAsync().ConfigureAwait(false))
        {
            foreach (var write in batch)
            {
                write.Read(reader);
                await reader.NextResultAsync().ConfigureAwait(false);
            }
        }
        Interlocked.Increment(ref commits);
        foreach (var write in batch) write.Complete();
    }

    private async Task Fail(List<PostgresWrite> batch, Exception exception)
    {
        if (writing is not null && (writing.State != System.Data.ConnectionState.Open || exception is not PostgresException { SqlState: not ['5', '7', ..] }))
        {
            await writing.DisposeAsync().ConfigureAwait(false);
            writing = null;
        }
        var failure = Failure(exception);
        foreach (var write in batch) write.Fail(failure);
    }

    private StorageException Failure(Exception e) => new(e switch
    {
        PostgresException { SqlState: "53100" } => $"{Place}: the server's disk is full; make room, work then goes on by itself",
        PostgresException { SqlState: "42P01" or "3F000" or "22023" } p => $"{Place}: {p.MessageText}; make the tables with \"citysafe storage init\"",
        PostgresException p => $"{Place}: {p.MessageText}",
        _ => $"{Place}: does not answer ({e.Message}); work goes on by itself when it does",
    }, e);
}
