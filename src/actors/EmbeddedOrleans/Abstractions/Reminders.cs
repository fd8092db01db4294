using CitySafeSense.EmbeddedOrleans;
using Orleans.Runtime;

namespace Orleans.Runtime
{
    /// <summary>A registered reminder.</summary>
    public interface IGrainReminder
    {
        string ReminderName { get; }
    }

    /// <summary>When a reminder ticked, by its plan and by the clock.</summary>
    public struct TickStatus(DateTime firstTickTime, TimeSpan period, DateTime timeStamp)
    {
        public DateTime FirstTickTime { get; } = firstTickTime;
        public TimeSpan Period { get; } = period;
        public DateTime CurrentTickTime { get; } = timeStamp;
    }
}

namespace Orleans
{
    /// <summary>A grain that is woken by reminders.</summary>
    public interface IRemindable : IGrain
    {
        Task ReceiveReminder(string reminderName, TickStatus status);
    }

    /// <summary>Reminders of a grain: kept in storage, they wake it in whichever process comes next. What was missed meanwhile is not made up for.</summary>
    public static class GrainReminderExtensions
    {
        /// <summary>Returns when the reminder is durable.</summary>
        /// <exception cref="ArgumentException">The period is below the smallest allowed, a minute; or a time is negative.</exception>
        public static Task<IGrainReminder> RegisterOrUpdateReminder(this Grain grain, string reminderName, TimeSpan dueTime, TimeSpan period) =>
            ServiceOf(grain).RegisterOrUpdate(grain.GrainContext.GrainId, reminderName, dueTime, period);

        public static Task UnregisterReminder(this Grain grain, IGrainReminder reminder) => ServiceOf(grain).Unregister(grain.GrainContext.GrainId, reminder);

        /// <summary>Null if there is none of that name.</summary>
        public static Task<IGrainReminder?> GetReminder(this Grain grain, string reminderName) => ServiceOf(grain).Get(grain.GrainContext.GrainId, reminderName);

        public static Task<List<IGrainReminder>> GetReminders(this Grain grain) => ServiceOf(grain).GetAll(grain.GrainContext.GrainId);

        private static ReminderService ServiceOf(Grain grain) => grain is IRemindable
            ? ((Activation)grain.GrainContext).Host.Reminders
            : throw new InvalidOperationException($"{grain.GetType()} registers a reminder and is not {nameof(IRemindable)}");
    }

    /// <summary>A reminder as it is stored. Times are UTC.</summary>
    public sealed class ReminderEntry
    {
        public GrainId GrainId { get; set; }
        public string ReminderName { get; set; } = "";
        public DateTime StartAt { get; set; }
        public TimeSpan Period { get; set; }
        public string? ETag { get; set; }
    }

    /// <summary>What a table answers.</summary>
    public sealed class ReminderTableData(IEnumerable<ReminderEntry> list)
    {
        public ReminderTableData()
            : this([])
        {
        }

        public IList<ReminderEntry> Reminders { get; } = [.. list];
    }

    /// <summary>Where reminders lie.</summary>
    public interface IReminderTable
    {
        Task<ReminderTableData> ReadRows(GrainId grainId);

        /// <summary>Those whose grain's uniform hash lies in (begin, end]; from begin over the top to end if begin is not below end; all if they are equal.</summary>
        Task<ReminderTableData> ReadRows(uint begin, uint end);

        /// <summary>Null if there is none.</summary>
        Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName);

        /// <summary>Returns the new ETag when the row is durable.</summary>
        Task<string?> UpsertRow(ReminderEntry entry);

        /// <summary>False if there is no such row with this ETag.</summary>
        Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag);

        Task TestOnlyClearTable();
    }
}
