using Orleans;
using Orleans.Runtime;

namespace CitySafeSense.EmbeddedOrleans;

/// <summary>Wakes grains by plans that are stored: those of a process that has ended are loaded by the next.</summary>
internal sealed class ReminderService(ActorHost host, IReminderTable table, TimeSpan minimumPeriod)
{
    private readonly Dictionary<(GrainId Grain, string Name), ReminderPlan> plans = [];
    private bool stopped;

    public async Task Start()
    {
        foreach (var entry in (await table.ReadRows(0, 0)).Reminders) Follow(entry);
    }

    public void Stop()
    {
        lock (plans)
        {
            stopped = true;
            foreach (var plan in plans.Values) plan.Dispose();
            plans.Clear();
        }
    }

    public async Task<IGrainReminder> RegisterOrUpdate(GrainId grain, string name, TimeSpan dueTime, TimeSpan period)
    {
        if (string.IsNullOrWhiteSpace(name)) throw new ArgumentException($"{grain}: a reminder has a name");
        if (dueTime < TimeSpan.Zero) throw new ArgumentOutOfRangeException(nameof(dueTime), dueTime, $"reminder {name} of {grain} is due before now");
        if (period < minimumPeriod) throw new ArgumentException($"reminder {name} of {grain}: a period of {period} is below the smallest allowed, {minimumPeriod}; use a grain timer");
        var entry = new ReminderEntry { GrainId = grain, ReminderName = name, StartAt = host.Time.GetUtcNow().UtcDateTime + dueTime, Period = period };
        entry.ETag = await table.UpsertRow(entry);
        Follow(entry);
        return new GrainReminder(name, entry.ETag!);
    }

    public async Task Unregister(GrainId grain, IGrainReminder reminder)
    {
        if (!await table.RemoveRow(grain, reminder.ReminderName, ((GrainReminder)reminder).ETag))
            throw new OrleansException($"reminder {reminder.ReminderName} of {grain} was changed or removed meanwhile: get it again");
        lock (plans)
        {
            if (plans.Remove((grain, reminder.ReminderName), out var plan)) plan.Dispose();
        }
    }

    public async Task<IGrainReminder?> Get(GrainId grain, string name) => await table.ReadRow(grain, name) is { } entry ? new GrainReminder(name, entry.ETag!) : null;

    public async Task<List<IGrainReminder>> GetAll(GrainId grain) => [.. (await table.ReadRows(grain)).Reminders.Select(e => new GrainReminder(e.ReminderName, e.ETag!))];

    private void Follow(ReminderEntry entry)
    {
        lock (plans)
        {
            if (stopped) return;
            var plan = new ReminderPlan(host, entry);
            if (plans.TryGetValue((entry.GrainId, entry.ReminderName), out var known))
            {
                var isOlder = plan.Version < known.Version; // two updates overtook each other
                (isOlder ? plan : known).Dispose();
                if (isOlder) return;
            }
            plans[(entry.GrainId, entry.ReminderName)] = plan;
        }
    }

    private sealed record GrainReminder(string ReminderName, string ETag) : IGrainReminder;
}
