using Orleans;
using Orleans.Runtime;

namespace CitySafeSense.EmbeddedOrleans;

/// <summary>
/// A grain in memory: its instance, its waiting calls and its timers. One call at a time, unless the calls go together; every
/// turn runs on its <see cref="TurnQueue"/>. A million of them are meant to lie idle: what only a busy one needs is made when needed.
/// </summary>
internal sealed partial class Activation(GrainKind kind, string key) : CallTarget, IGrainContext
{
    [ThreadStatic]
    private static Activation? constructing;

    [ThreadStatic]
    private static List<PersistentStateFacet>? constructed;

    private CallOrder calls = new(kind.IsReentrant);
    private InFlight inFlight;
    private Grain? grain;
    private BusyPart? busy;
    private int lastUsed = kind.Host.Pulse;
    private int keptUntil = int.MinValue;
    private Stage stage;
    private bool ending;
    private bool watched;

    private enum Stage : byte
    {
        Created,
        Activating,
        Active,
        Ending,
        Gone,
    }

    /// <summary>The activation whose grain this thread is making.</summary>
    public static Activation? Constructing => constructing;

    public GrainKind Kind => kind;
    public string Key => key;
    public GrainId GrainId => kind.IdOf(key);
    public override ActorHost Host => kind.Host;
    public override object Instance => grain!;
    public override IReadOnlyList<IIncomingGrainCallFilter>? Filters => kind.FiltersOf(this);
    public object? GrainInstance => grain;
    public Task Deactivated
    {
        get
        {
            lock (Gate) return stage == Stage.Gone ? Task.CompletedTask : (busy ??= NewBusyPart()).AskForGone();
        }
    }

    /// <summary>Made while the grain is constructed; read before it is activated.</summary>
    public static void AddState(PersistentStateFacet state) => (constructed ??= []).Add(state);

    /// <summary>The pulse of its last use; see <see cref="ActorHost.Pulse"/>.</summary>
    public int LastUsed => Volatile.Read(ref lastUsed);

    public override string ToString() => GrainId.ToString();

    public override bool TryDeliver(ICall call)
    {
        Dispatcher.Witness(this);
        bool wake, watch;
        lock (Gate)
        {
            if (stage == Stage.Gone) return false;
            calls.Enqueue(call);
            // What starts at once and ends at once is never looked at by anybody.
            watch = (IsReady || calls.Running > 0 || stage is Stage.Activating or Stage.Ending) && !watched;
            watched |= watch;
            wake = BecomesReady();
            if (!call.Traits.HasFlag(CallTraits.Idle)) lastUsed = Host.Pulse;
        }
        if (watch) Host.Watch(this);
        if (wake) Dispatcher.Ready(this);
        return true;
    }

    public void DeactivateWhenIdle(DeactivationReason reason)
    {
        bool wake;
        lock (Gate)
        {
            if (ending || stage == Stage.Gone) return;
            ending = true;
            (busy ??= NewBusyPart()).Ending = reason;
            wake = BecomesReady();
        }
        if (wake) Dispatcher.Ready(this);
    }

    /// <summary>Asks for the end and waits for it.</summary>
    public Task Deactivate(DeactivationReason reason)
    {
        var gone = Deactivated;
        DeactivateWhenIdle(reason);
        return gone;
    }

    public void DelayDeactivation(TimeSpan span) => keptUntil = span < TimeSpan.Zero ? int.MinValue : Host.PulseAfter(span);

    public bool IsIdleSince(int pulse) => calls.Running == 0 && LastUsed < pulse && keptUntil < Host.Pulse;

    public IGrainTimer AddTimer(Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        var timer = new GrainTimer(this, callback, options);
        lock (Gate) (busy ??= NewBusyPart()).Timers.Add(timer);
        return timer;
    }

    public void Forget(GrainTimer timer)
    {
        lock (Gate) busy?.Timers.Remove(timer);
    }

    public override void GoesOn(ICall call)
    {
        lock (Gate) inFlight.Add(call);
        WatchFromNowOn();
    }

    public override void EndedLater(ICall call)
    {
        Dispatcher.Witness(this);
        bool wake;
        lock (Gate)
        {
            inFlight.Remove(call);
            Ended(call);
            wake = BecomesReady();
        }
        if (wake) Dispatcher.Ready(this);
    }

    /// <summary>Calls that somebody waits for, sent before a pulse or at any time. False if nothing waits at all: the activation is watched no more.</summary>
    public bool StillWaiting(List<ICall> all)
    {
        lock (Gate)
        {
            var before = all.Count;
            foreach (var call in inFlight.Calls.Concat(calls.Waiting))
                if (!call.IsOver && !call.Traits.HasFlag(CallTraits.OneWay)) all.Add(call);
            return watched = all.Count > before || calls.Running > 0 || stage == Stage.Activating;
        }
    }

    /// <summary>Calls that run or wait.</summary>
    public int Load
    {
        get
        {
            lock (Gate) return calls.Running + calls.WaitingCount;
        }
    }

    /// <summary>What runs now, for messages.</summary>
    public ICall? Occupant
    {
        get
        {
            lock (Gate) return inFlight.Calls.FirstOrDefault();
        }
    }

    /// <summary>Gives back what a busy time has left behind.</summary>
    public void TrimWhenIdle()
    {
        lock (Gate)
        {
            if (calls.Running == 0 && stage is Stage.Created or Stage.Active) Trim();
        }
    }

    protected override bool HasNext => stage switch
    {
        Stage.Created => ending || calls.HasWaiting,
        Stage.Active => calls.HasStartable(ending) || (ending && calls.Running == 0),
        _ => false,
    };

    protected override ICall Take()
    {
        if (stage == Stage.Created && !ending)
        {
            stage = Stage.Activating;
            return LifeStep.Activate;
        }
        if (stage == Stage.Active && calls.TryStart(ending, out var call)) return call;
        stage = Stage.Ending;
        return LifeStep.End;
    }

    protected override bool Start(ICall call) => call.IsOver || call.Start(this);

    protected override void Ended(ICall call)
    {
        if (call is not LifeStep) calls.End(call);
    }

    protected override void Trim()
    {
        base.Trim();
        calls.Trim();
        inFlight.Trim();
        if (busy is { IsNeeded: false } && !ending) busy = null;
    }

    public void WatchFromNowOn()
    {
        lock (Gate)
        {
            if (watched) return;
            watched = true;
        }
        Host.Watch(this);
    }
}
