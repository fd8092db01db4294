using System.Globalization;
using Microsoft.Data.Sqlite;

namespace CitySafeSense.Storage;

/// <summary>Reminders as rows with a version.</summary>
public sealed class SqliteReminderTable(SqliteDatabase database) : IReminderTable
{
    public const string Schema = """
        CREATE TABLE IF NOT EXISTS reminders(grain TEXT NOT NULL, name TEXT NOT NULL, hash INTEGER NOT NULL, start INTEGER NOT NULL, period INTEGER NOT NULL, version INTEGER NOT NULL,
          PRIMARY KEY(grain, name)) WITHOUT ROWID;
        """;

    private const string Columns = "SELECT grain, name, start, period, version FROM reminders ";

    public Task<ReminderTableData> ReadRows(GrainId grainId) => Table(Columns + "WHERE grain = $1 ORDER BY name", grainId.ToString());

    public Task<ReminderTableData> ReadRows(uint begin, uint end) =>
        Table(Columns + (begin < end ? "WHERE hash > $1 AND hash <= $2" : "WHERE hash > $1 OR hash <= $2") + " ORDER BY grain, name", (long)begin, (long)end);

    public async Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName) =>
        (await Table(Columns + "WHERE grain = $1 AND name = $2", grainId.ToString(), reminderName)).Reminders.FirstOrDefault();

    public async Task<string?> UpsertRow(ReminderEntry entry)
    {
        var version = await database.WriteAsync(connection => (long)connection.Scalar(
            """
            INSERT INTO reminders VALUES($1, $2, $3, $4, $5, 1)
            ON CONFLICT(grain, name) DO UPDATE SET hash = $3, start = $4, period = $5, version = version + 1
            RETURNING version
            """,
            entry.GrainId.ToString(), entry.ReminderName, (long)entry.GrainId.GetUniformHashCode(), entry.StartAt.Ticks, entry.Period.Ticks)!);
        return version.ToString(CultureInfo.InvariantCulture);
    }

    public async Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag) => await database.WriteAsync(connection =>
        connection.Execute("DELETE FROM reminders WHERE grain = $1 AND name = $2 AND version = $3", grainId.ToString(), reminderName, long.Parse(eTag, CultureInfo.InvariantCulture))) == 1;

    public Task TestOnlyClearTable() => database.WriteAsync(connection => connection.Execute("DELETE FROM reminders"));

    private Task<ReminderTableData> Table(string query, params object[] values) => Task.FromResult(new ReminderTableData(database.Read(connection => Rows(connection, query, values))));

    private static List<ReminderEntry> Rows(SqliteConnection connection, string query, object[] values)
    {
        var rows = new List<ReminderEntry>();
        using var command = connection.Statement(query, values);
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            rows.Add(new ReminderEntry
            {
                GrainId = GrainId.Parse(reader.GetString(0)),
                ReminderName = reader.GetString(1),
                StartAt = new DateTime(reader.GetInt64(2), DateTimeKind.Utc),
                Period = new TimeSpan(reader.GetInt64(3)),
                ETag = reader.GetInt64(4).ToString(CultureInfo.InvariantCulture),
            });
        }
        return rows;
    }
}
