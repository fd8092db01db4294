using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace CitySafeSense.EmbeddedOrleans;

/// <summary>
/// A grain in memory: its instance, its waiting calls and its timers. One call at a time, unless the call or the whole grain
/// may interleave; everything the grain does runs on its <see cref="ActivationScheduler"/>.
/// </summary>
internal sealed class Activation : IGrainContext
{
    private enum Stage
    {
        Created,
        Activating,
        Active,
        Ending,
        Gone,
    }

    [ThreadStatic]
    private static Activation? constructing;

    private readonly ActivationScheduler scheduler = new();
    private readonly GrainKind kind;
    private readonly Queue<(long Arrival, GrainCall Call)> ordinary = new();
    private readonly Queue<(long Arrival, GrainCall Call)> interleaving = new();
    private readonly Lock gate = new();
    private readonly List<GrainTimer> timers = [];
    private readonly List<PersistentStateFacet> states = [];
    private readonly TaskCompletionSource gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Grain? grain;
    private Stage stage;
    private int running;
    private int blocking;
    private bool pumping;
    private DeactivationReason? ending;
    private long arrivals;
    private long lastUsed;

    public Activation(ActorHost host, GrainId id, GrainKind kind)
    {
        Host = host;
        GrainId = id;
        this.kind = kind;
        lastUsed = host.Time.GetTimestamp();
    }

    /// <summary>The activation whose grain this thread is making.</summary>
    public static Activation? Constructing => constructing;

    public ActorHost Host { get; }
    public GrainId GrainId { get; }
    public TimeSpan Idle => Host.Time.GetElapsedTime(Volatile.Read(ref lastUsed));

    /// <summary>False when the activation is over: the caller asks the host for another. While it ends, calls wait for the next one.</summary>
    public bool TryEnqueue(GrainCall call)
    {
        lock (gate)
        {
            if (stage == Stage.Gone) return false;
            (MayInterleave(call) ? interleaving : ordinary).Enqueue((arrivals++, call));
        }
        if (call.KeepsAlive) Volatile.Write(ref lastUsed, Host.Time.GetTimestamp());
        Turn(Pump);
        return true;
    }

    public void DeactivateWhenIdle(DeactivationReason reason)
    {
        lock (gate) ending ??= reason;
        Turn(Pump);
    }

    /// <summary>Asks for the end and waits for it.</summary>
    public Task Deactivate(DeactivationReason reason)
    {
        DeactivateWhenIdle(reason);
        return gone.Task;
    }

    public IGrainTimer AddTimer(Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        var timer = new GrainTimer(this, callback, options);
        timers.Add(timer);
        return timer;
    }

    public void Forget(GrainTimer timer) => timers.Remove(timer);

    /// <summary>Made while the grain is constructed; read before it is activated.</summary>
    public void AddState(PersistentStateFacet state) => states.Add(state);

    private void Turn(Action action) =>
        Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.DenyChildAttach, scheduler);

    /// <summary>A turn that starts whatever may start now.</summary>
    private void Pump()
    {
        if (stage == Stage.Created)
        {
            stage = Stage.Activating;
            _ = Activate();
            return;
        }
        if (stage != Stage.Active || pumping) return;
        // A call that ends at once comes back here: the loop goes on, instead of one level deeper for each.
        pumping = true;
        while (Next() is { } call) _ = Run(call);
        pumping = false;
        lock (gate)
        {
            if (ending is null || running > 0 || stage != Stage.Active) return;
            stage = Stage.Ending;
        }
        _ = End();
    }

    /// <summary>
    /// The call that starts next: the one that came first, except that what may interleave does not wait for an ordinary call
    /// that runs. An activation that ends starts only what its running calls may be waiting for.
    /// </summary>
    private GrainCall? Next()
    {
        lock (gate)
        {
            var mayOrdinary = ending is null && blocking == 0 && ordinary.Count > 0;
            var mayInterleaving = (ending is null || running > 0) && interleaving.Count > 0;
            if (mayOrdinary && mayInterleaving) mayInterleaving = interleaving.Peek().Arrival < ordinary.Peek().Arrival;
            return mayInterleaving ? interleaving.Dequeue().Call : mayOrdinary ? ordinary.Dequeue().Call : null;
        }
    }

    private async Task Run(GrainCall call)
    {
        // What may interleave with others does not hold others up either.
        var blocks = MayInterleave(call) ? 0 : 1;
        running++;
        blocking += blocks;
        try
        {
            await call.Run(grain!);
        }
        finally
        {
            running--;
            blocking -= blocks;
            Pump();
        }
    }

    private bool MayInterleave(GrainCall call) => call.Interleaves || kind.IsReentrant;

    private async Task Activate()
    {
        try
        {
            constructing = this;
            try
            {
                grain = kind.Create(this);
            }
            finally
            {
                constructing = null;
            }
            foreach (var state in states) await state.ReadStateAsync();
            await grain.OnActivateAsync(CancellationToken.None);
        }
        catch (Exception e)
        {
            Die(e);
            return;
        }
        stage = Stage.Active;
        Pump();
    }

    private async Task End()
    {
        foreach (var timer in timers.ToArray()) timer.Dispose();
        try
        {
            await grain!.OnDeactivateAsync(ending!.Value, CancellationToken.None);
        }
        catch (Exception e)
        {
            Host.Report(this, e);
        }
        Die(null);
    }

    /// <summary>Leaves the host; what still waits goes to the next activation, or fails if there was none at all.</summary>
    private void Die(Exception? failure)
    {
        GrainCall[] orphans;
        lock (gate)
        {
            stage = Stage.Gone;
            orphans = [.. ordinary.Concat(interleaving).OrderBy(c => c.Arrival).Select(c => c.Call)];
            ordinary.Clear();
            interleaving.Clear();
        }
        Host.Remove(this);
        foreach (var call in orphans)
        {
            if (failure is not null) call.Fail(failure);
            else Host.Deliver(GrainId, call);
        }
        gone.TrySetResult();
    }

    /// <summary>A write lost a race: what this activation believes is stale, so the next call starts from storage.</summary>
    internal void Distrust(InconsistentStateException exception) =>
        DeactivateWhenIdle(new DeactivationReason(DeactivationReasonCode.ApplicationError, exception, "its state was written by another"));
}
