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
        timer = host.Time.CreateTimer(_ => Wake(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        WaitForNext();
    }

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
        due = entry.StartAt + missed * entry.Period;
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
