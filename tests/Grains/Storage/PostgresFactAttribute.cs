using CitySafeSense.Storage;

namespace CitySafeSense.Tests.Storage;

/// <summary>Runs where PostgreSQL is installed; the gate installs it.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgresFactAttribute : FactAttribute
{
    public PostgresFactAttribute()
    {
        if (!TemporaryPostgres.IsInstalled) Skip = "PostgreSQL is not installed";
    }
}
