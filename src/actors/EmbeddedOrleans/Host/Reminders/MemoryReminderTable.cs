using System.Globalization;
using Orleans;
using Orleans.Runtime;

namespace CitySafeSense.EmbeddedOrleans;

/// <summary>Reminders that last as long as the process.</summary>
public sealed class MemoryReminderTable : IReminderTable
{
    private readonly SortedDictionary<(string Grain, string Name), ReminderEntry> rows = [];
    private long last;

    public Task<ReminderTableData> ReadRows(GrainId grainId) => Where(e => e.GrainId == grainId);

    public Task<ReminderTableData> ReadRows(uint begin, uint end) => Where(e => IsWithin(e.GrainId.GetUniformHashCode(), begin, end));

    public Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName)
    {
        lock (rows) return Task.FromResult(rows.GetValueOrDefault((grainId.ToString(), reminderName)));
    }

    public Task<string?> UpsertRow(ReminderEntry entry)
    {
        lock (rows)
        {
            var etag = (++last).ToString(CultureInfo.InvariantCulture);
            rows[(entry.GrainId.ToString(), entry.ReminderName)] = new ReminderEntry { GrainId = entry.GrainId, ReminderName = entry.ReminderName, StartAt = entry.StartAt, Period = entry.Period, ETag = etag };
            return Task.FromResult<string?>(etag);
        }
    }

    public Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag)
    {
        lock (rows)
        {
            var key = (grainId.ToString(), reminderName);
            return Task.FromResult(rows.TryGetValue(key, out var row) && row.ETag == eTag && rows.Remove(key));
        }
    }

    public Task TestOnlyClearTable()
    {
        lock (rows) rows.Clear();
        return Task.CompletedTask;
    }

    private static bool IsWithin(uint hash, uint begin, uint end) => begin < end ? hash > begin && hash <= end : hash > begin || hash <= end;

    private Task<ReminderTableData> Where(Func<ReminderEntry, bool> wanted)
    {
        lock (rows) return Task.FromResult(new ReminderTableData(rows.Values.Where(wanted)));
    }
}
