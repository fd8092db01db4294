namespace CitySafeSense.EmbeddedOrleans.Deterministic;

/// <summary>Time that passes only when somebody lets it: timers fire in the order of their due times, and among equals in that of their setting.</summary>
public sealed class VirtualTime(DateTimeOffset start) : TimeProvider
{
    private readonly SortedSet<VirtualTimer> set = new(Comparer<VirtualTimer>.Create(static (a, b) => (a.Due, a.Order).CompareTo((b.Due, b.Order))));
    private long elapsedTicks;
    private long orders;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Since the run began.</summary>
    public TimeSpan Elapsed => new(elapsedTicks);

    public override DateTimeOffset GetUtcNow() => start.AddTicks(elapsedTicks);

    public override long GetTimestamp() => elapsedTicks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new VirtualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    internal void Pass(TimeSpan span) => elapsedTicks += span.Ticks;

    /// <summary>The next timer that is due by now; it is taken off the plan.</summary>
    internal bool TryTakeDue(out VirtualTimer timer)
    {
        timer = set.Min!;
        return timer is not null && timer.Due <= elapsedTicks && set.Remove(timer);
    }

    /// <summary>Lets time pass until the next timer is due; false if none is set.</summary>
    internal bool TryPassToNext()
    {
        if (set.Min is not { } next) return false;
        elapsedTicks = Math.Max(elapsedTicks, next.Due);
        return true;
    }

    internal sealed class VirtualTimer(VirtualTime time, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan period;
        private bool disposed;

        public long Due { get; private set; }
        public long Order { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan newPeriod)
        {
            time.set.Remove(this);
            if (disposed) return false;
            period = newPeriod;
            if (dueTime < TimeSpan.Zero) return true;
            (Due, Order) = (time.elapsedTicks + dueTime.Ticks, time.orders++);
            time.set.Add(this);
            return true;
        }

        public void Fire()
        {
            if (disposed) return;
            if (period > TimeSpan.Zero) Change(period, period);
            callback(state);
        }

        public void Dispose()
        {
            disposed = true;
            time.set.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
