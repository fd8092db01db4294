using System.Globalization;
using Npgsql;

namespace CitySafeSense.Storage;

/// <summary>Reminders as rows with a version, for the runtime that brings no table of its own.</summary>
public sealed class PostgresReminderTable(PostgresDatabase database) : IReminderTable
{
    private const string Columns = "SELECT grain, name, start, period, version FROM reminders ";

    public Task<ReminderTableData> ReadRows(GrainId grainId) => Table(Columns + "WHERE grain = $1 ORDER BY name", grainId.ToString());

    public Task<ReminderTableData> ReadRows(uint begin, uint end) =>
        Table(Columns + (begin < end ? "WHERE hash > $1 AND hash <= $2" : "WHERE hash > $1 OR hash <= $2") + " ORDER BY grain, name", (long)begin, (long)end);

    public async Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName) =>
        (await Table(Columns + "WHERE grain = $1 AND name = $2", grainId.ToString(), reminderName).ConfigureAwait(false)).Reminders.FirstOrDefault();

    public async Task<string?> UpsertRow(ReminderEntry entry) => await database.WriteAsync<string?>(
        """
        INSERT INTO reminders AS r VALUES($1, $2, $3, $4, $5, 1)
        ON CONFLICT(grain, name) DO UPDATE SET hash = $3, start = $4, period = $5, version = r.version + 1 RETURNING version
        """,
        static reader => reader.Read() ? reader.GetInt64(0).ToString(CultureInfo.InvariantCulture) : null,
        entry.GrainId.ToString(), entry.ReminderName, (long)entry.GrainId.GetUniformHashCode(), entry.StartAt.Ticks, entry.Period.Ticks).ConfigureAwait(false);

    public Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag) => database.WriteAsync(
        "DELETE FROM reminders WHERE grain = $1 AND name = $2 AND version = $3 RETURNING version", static reader => reader.Read(),
        grainId.ToString(), reminderName, long.Parse(eTag, CultureInfo.InvariantCulture));

    public Task TestOnlyClearTable() => database.WriteAsync("DELETE FROM reminders RETURNING version", static reader => reader.Read());

    private async Task<ReminderTableData> Table(string query, params object[] values) => new(await database.ReadAsync(query, Row, values).ConfigureAwait(false));

    private static ReminderEntry Row(NpgsqlDataReader row) => new()
    {
        GrainId = GrainId.Parse(row.GetString(0)),
        ReminderName = row.GetString(1),
        StartAt = new DateTime(row.GetInt64(2), DateTimeKind.Utc),
        Period = new TimeSpan(row.GetInt64(3)),
        ETag = row.GetInt64(4).ToString(CultureInfo.InvariantCulture),
    };
}
