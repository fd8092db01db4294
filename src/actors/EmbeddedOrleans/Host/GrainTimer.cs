using Orleans;
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

    public GrainTimer(Activation activation, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        this.activation = activation;
        this.callback = callback;
        this.options = options;
        period = options.Period;
        timer = activation.Host.Time.CreateTimer(_ => activation.TryEnqueue(new Firing(this)), null, options.DueTime, Timeout.InfiniteTimeSpan);
    }

    public void Change(TimeSpan dueTime, TimeSpan newPeriod)
    {
        period = newPeriod;
        timer.Change(dueTime, Timeout.InfiniteTimeSpan);
    }

    public void Dispose()
    {
        if (disposed.IsCancellationRequested) return;
        disposed.Cancel();
        timer.Dispose();
        activation.Forget(this);
    }

    private sealed class Firing(GrainTimer owner) : GrainCall
    {
        public override string Name => "timer";
        public override bool Interleaves => owner.options.Interleave;
        internal override bool KeepsAlive => owner.options.KeepAlive;

        internal override async Task Run(Grain grain)
        {
            if (owner.disposed.IsCancellationRequested) return;
            try
            {
                await owner.callback(owner.disposed.Token);
            }
            catch (Exception e)
            {
                owner.activation.Host.Report(owner.activation, e);
            }
            if (!owner.disposed.IsCancellationRequested && owner.period >= TimeSpan.Zero)
                owner.timer.Change(owner.period, Timeout.InfiniteTimeSpan);
        }

        internal override void Fail(Exception exception)
        {
        }
    }
}
