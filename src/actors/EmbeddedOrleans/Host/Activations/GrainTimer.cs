using Orleans.Runtime;

namespace CitySafeSense.EmbeddedOrleans;

/// <summary>Fires as a call of its own grain. The next firing is set when the last has ended, so firings never pile up.</summary>
internal sealed class GrainTimer : IGrainTimer
{
    private readonly Activation activation;
    private readonly Func<CancellationToken, Task> callback;
    private readonly GrainTimerCreationOptions options;
    private readonly CancellationTokenSource disposed = new();
    private readonly ITimer timer;
    private TimeSpan period;
    private TimeSpan? changedTo;
    private bool firing;

    public GrainTimer(Activation activation, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        if (options.DueTime < TimeSpan.Zero && options.DueTime != Timeout.InfiniteTimeSpan) throw new ArgumentOutOfRangeException(nameof(options), options.DueTime, "a timer is due at once, later or never");
        if (options.Period < TimeSpan.Zero && options.Period != Timeout.InfiniteTimeSpan) throw new ArgumentOutOfRangeException(nameof(options), options.Period, "a period is zero, longer or infinite");
        this.activation = activation;
        this.callback = callback;
        this.options = options;
        period = options.Period;
        timer = activation.Host.Time.CreateTimer(_ => activation.TryDeliver(new Firing(this)), null, options.DueTime, Timeout.InfiniteTimeSpan);
    }

    public void Change(TimeSpan dueTime, TimeSpan newPeriod)
    {
        period = newPeriod;
        changedTo = dueTime;
        // While it fires, its end sets the next firing: two at once there never are.
        if (!firing) timer.Change(dueTime, Timeout.InfiniteTimeSpan);
    }

    public void Dispose()
    {
        if (disposed.IsCancellationRequested) return;
        disposed.Cancel();
        timer.Dispose();
        activation.Forget(this);
    }

    /// <summary>One firing on its way to the grain.</summary>
    private sealed class Firing(GrainTimer owner) : ICall
    {
        public string Name => "timer";
        public CallTraits Traits => CallTraits.OneWay | (owner.options.Interleave ? CallTraits.Interleaves : 0) | (owner.options.KeepAlive ? 0 : CallTraits.Idle);
        public int Arrival { get; set; }
        public int SentAt { get; set; }
        public Activation? Sender => null;
        public bool IsMuted { get; set; }

        /// <summary>Nobody waits for a timer, so it never times out; a timer that is disposed fires no more.</summary>
        public bool IsOver => owner.disposed.IsCancellationRequested;

        public bool Start(CallTarget target)
        {
            var firing = Fire();
            if (firing.IsCompleted) return true;
            target.GoesOn(this);
            _ = firing.ContinueWith(static (_, state) => ((Firing)state!).End(), this, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            return false;
        }

        public void Fail(Exception exception)
        {
        }

        private void End() => owner.activation.EndedLater(this);

        private async Task Fire()
        {
            (owner.firing, owner.changedTo) = (true, null);
            try
            {
                await owner.callback(owner.disposed.Token);
            }
            catch (Exception e)
            {
                if (!owner.disposed.IsCancellationRequested) owner.activation.Host.Report(owner.activation, e);
            }
            owner.firing = false;
            if (!owner.disposed.IsCancellationRequested) owner.timer.Change(owner.changedTo ?? owner.period, Timeout.InfiniteTimeSpan);
        }
    }
}
