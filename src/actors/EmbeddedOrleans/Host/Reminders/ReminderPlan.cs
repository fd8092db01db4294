using Orleans;
using Orleans.Runtime;

namespace CitySafeSense.EmbeddedOrleans;

/// <summary>One reminder that runs: ticks at its start and every period after it. A tick that takes longer than a period delays none but its own successor.</summary>
internal sealed class ReminderPlan : IDisposable
{
    /// <summary>Timers do not count beyond some weeks; a plan that lies further away is looked at again every day.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);
    private readonly ActorHost host;
    private readonly ReminderEntry entry;
    private readonly ITimer timer;
    private DateTime due;
    private volatile bool over;

    public ReminderPlan(ActorHost host, ReminderEntry entry)
    {
        (this.host, this.entry) = (host, entry);
        due = entry.StartAt - entry.Period;
        timer = host.Time.CreateTimer(_ => Wake(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        WaitForNext();
    }

    /// <summary>Of the row it follows; rows that come later have a higher one.</summary>
    public long Version => long.TryParse(entry.ETag, System.Globalization.CultureInfo.InvariantCulture, out var version) ? version : 0;

    public void Dispose()
    {
        over = true;
        timer.Dispose();
    }

    private void WaitForNext()
    {
        var now = host.Time.GetUtcNow().UtcDateTime;
        // What was missed is not made up for: the next tick is the first of the plan that lies ahead.
        var missed = now <= entry.StartAt ? 0 : (now - entry.StartAt).Ticks / entry.Period.Ticks + 1;
        var ahead = entry.StartAt + missed * entry.Period;
        due = ahead > due ? ahead : due + entry.Period; // a clock that stands or is set back makes no second tick of one
        Arm(due - now);
    }

    private void Arm(TimeSpan wait) => timer.Change(wait < LongestWait ? wait : LongestWait, Timeout.InfiniteTimeSpan);

    private void Wake()
    {
        if (over) return;
        var now = host.Time.GetUtcNow().UtcDateTime;
        if (now < due) Arm(due - now);
        else _ = Tick(now);
    }

    private async Task Tick(DateTime now)
    {
        try
        {
            if (host.KindOf(entry.GrainId.Type) is not { IsRemindable: true } kind)
                throw new InvalidOperationException($"reminder {entry.ReminderName}: no remindable grain class is of type \"{entry.GrainId.Type}\"");
            await new RemindableReference(new ReferenceTarget(kind, entry.GrainId.Key.ToString())).ReceiveReminder(entry.ReminderName, new TickStatus(entry.StartAt, entry.Period, now));
        }
        catch (Exception e)
        {
            host.Report(entry.GrainId, e);
        }
        if (!over) WaitForNext();
    }
}
