using CitySafeSense.Cli.Terminal;
using CitySafeSense.Storage;

namespace CitySafeSense.Cli.Verbs;

/// <summary>`storage init`: makes the tables in PostgreSQL.</summary>
internal static class StorageInit
{
    public static Command Command()
    {
        var command = new Command("init", $"""
            Make schemas, roles and tables in the PostgreSQL database whose connection string is in {Serve.PostgresVariable}, by the
            scripts of deploy/postgresql. What exists stays as it is.

            Example: CITYSAFE_POSTGRES="Host=127.0.0.1;Username=postgres;Password=...;Database=citysafe" citysafe storage init
            """);
        command.SetAction(async (_, cancellation) =>
        {
            await PostgresSchema.Apply(Serve.PostgresFromEnvironment(), cancellation);
            foreach (var script in PostgresSchema.Scripts) Output.Note(script);
            return Run.Done;
        });
        return command;
    }
}
