using Npgsql;

namespace CitySafeSense.Storage;

/// <summary>The scripts of deploy/postgresql, which make every table that a city needs. They may run any number of times.</summary>
public static class PostgresSchema
{
    /// <summary>Names, in the order in which they run.</summary>
    public static IReadOnlyList<string> Scripts { get; } =
        [.. typeof(PostgresSchema).Assembly.GetManifestResourceNames().Where(n => n.EndsWith(".sql", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    /// <exception cref="StorageException">The server does not answer, or the login may not make schemas and roles.</exception>
    public static async Task Apply(string connectionString, CancellationToken cancellation)
    {
        try
        {
            await using var connection = new NpgsqlConnection(connectionString);
            await connection.OpenAsync(cancellation).ConfigureAwait(false);
            foreach (var name in Scripts)
            {
                using var script = new StreamReader(typeof(PostgresSchema).Assembly.GetManifestResourceStream(name)!);
                // As the simple protocol takes it: several statements, and @ in query texts is no parameter.
                await using var command = new NpgsqlCommand(await script.ReadToEndAsync(cancellation).ConfigureAwait(false), connection) { AllResultTypesAreUnknown = true };
                await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
            }
        }
        catch (NpgsqlException e)
        {
            var at = new NpgsqlConnectionStringBuilder(connectionString);
            throw new StorageException($"PostgreSQL {at.Host}:{at.Port}/{at.Database}: {e.Message}; the login needs the right to make roles and schemas", e);
        }
    }
}
