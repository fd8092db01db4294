using Npgsql;

namespace CitySafeSense.Storage;

/// <summary>A statement that waits to be committed with others.</summary>
internal abstract class PostgresWrite(string statement, object[] values)
{
    public NpgsqlBatchCommand Command()
    {
        var command = new NpgsqlBatchCommand(statement);
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }

    /// <summary>Its own rows.</summary>
    public abstract void Read(NpgsqlDataReader reader);

    /// <summary>It is committed.</summary>
    public abstract void Complete();

    public abstract void Fail(Exception exception);
}

internal sealed class PostgresWrite<T>(string statement, object[] values, Func<NpgsqlDataReader, T> read) : PostgresWrite(statement, values)
{
    private readonly TaskCompletionSource<T> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? result;

    public Task<T> Result => completion.Task;

    public override void Read(NpgsqlDataReader reader) => result = read(reader);

    public override void Complete() => completion.SetResult(result!);

    public override void Fail(Exception exception) => completion.SetException(exception);
}
