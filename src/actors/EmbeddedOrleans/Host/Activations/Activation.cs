using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace CitySafeSense.EmbeddedOrleans;

/// <summary>
/// A grain in memory: its instance, its waiting calls and its timers. One call at a time, unless the calls go together; every
/// turn runs on its <see cref="TurnQueue"/>. A million of them are meant to lie idle: what only a busy one needs is made when needed.
/// </summary>
internal sealed class Activation(GrainKind kind, string key) : CallTarget(kind.Host), IGrainContext
{
    [ThreadStatic]
    private static Activation? constructing;

    [ThreadStatic]
    private static List<PersistentStateFacet>? constructed;

    private SmallQueue<ICall> ordinary, readOnly, interleaving;
    private InFlight inFlight;
    private Grain? grain;
    private BusyPart? busy;
    private int running, writers, readers;
    private int arrivals;
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
    public override object Instance => grain!;
    public override IReadOnlyList<IIncomingGrainCallFilter>? Filters => kind.FiltersOf(this);
    public object? GrainInstance => grain;
    public Task Deactivated => Busy.Gone.Task;

    /// <summary>Made while the grain is constructed; read before it is activated.</summary>
    public static void AddState(PersistentStateFacet state) => (constructed ??= []).Add(state);

    /// <summary>The pulse of its last use; see <see cref="ActorHost.Pulse"/>.</summary>
    public int LastUsed => Volatile.Read(ref lastUsed);

    public override string ToString() => GrainId.ToString();

    private BusyPart Busy
    {
        get
        {
            lock (Gate) return busy ??= new BusyPart(Dispatcher.Completion);
        }
    }

    public override bool TryDeliver(ICall call)
    {
        Dispatcher.Witness(this);
        bool wake, watch;
        lock (Gate)
        {
            if (stage == Stage.Gone) return false;
            call.Arrival = arrivals++;
            call.SentAt = Host.Pulse;
            QueueFor(call).Enqueue(call);
            // What starts at once and ends at once is never looked at by anybody.
            watch = (IsReady || running > 0 || stage is Stage.Activating or Stage.Ending) && !watched;
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
            (busy ??= new BusyPart(Dispatcher.Completion)).Ending = reason;
            wake = BecomesReady();
        }
        if (wake) Dispatcher.Ready(this);
    }

    /// <summary>Asks for the end and waits for it.</summary>
    public Task Deactivate(DeactivationReason reason)
    {
        var gone = Busy.Gone.Task;
        DeactivateWhenIdle(reason);
        return gone;
    }

    public void DelayDeactivation(TimeSpan span) => keptUntil = span < TimeSpan.Zero ? int.MinValue : Host.PulseAfter(span);

    public bool IsIdleSince(int pulse) => running == 0 && LastUsed < pulse && keptUntil < Host.Pulse;

    public IGrainTimer AddTimer(Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        var timer = new GrainTimer(this, callback, options);
        Busy.Timers.Add(timer);
        return timer;
    }

    public void Forget(GrainTimer timer) => Busy.Timers.Remove(timer);

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
            foreach (var call in inFlight.Calls.Concat(ordinary.Waiting).Concat(readOnly.Waiting).Concat(interleaving.Waiting))
                if (!call.IsOver && !call.Traits.HasFlag(CallTraits.OneWay)) all.Add(call);
            return watched = all.Count > before || running > 0 || stage == Stage.Activating;
        }
    }

    /// <summary>Calls that run or wait.</summary>
    public int Load
    {
        get
        {
            lock (Gate) return running + interleaving.Count + readOnly.Count + ordinary.Count;
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
            if (running == 0) Trim();
        }
    }

    /// <summary>As if its process had died: nothing of it runs again, and who waits for it is told that it is gone.</summary>
    public void Kill()
    {
        List<ICall> waiting = [];
        lock (Gate)
        {
            Die();
            stage = Stage.Gone;
            waiting.AddRange(inFlight.Calls.Concat(ordinary.Waiting).Concat(readOnly.Waiting).Concat(interleaving.Waiting).OrderBy(c => c.Arrival));
            inFlight.Clear();
        }
        foreach (var timer in busy?.Timers.ToArray() ?? []) timer.Dispose();
        kind.Remove(this);
        foreach (var call in waiting) call.Fail(new SiloUnavailableException($"{GrainId} died while {call.Name} was under way"));
        Busy.Gone.TrySetResult();
    }

    protected override bool HasNext => stage switch
    {
        Stage.Created => ending || HasWaiting,
        Stage.Active => StartableArrival() != long.MaxValue || (ending && running == 0),
        _ => false,
    };

    protected override ICall Take()
    {
        if (stage == Stage.Created && !ending)
        {
            stage = Stage.Activating;
            return LifeStep.Activate;
        }
        var arrival = stage == Stage.Active ? StartableArrival() : long.MaxValue;
        if (arrival == long.MaxValue)
        {
            stage = Stage.Ending;
            return LifeStep.End;
        }
        var call = interleaving.Peek?.Arrival == arrival ? interleaving.Dequeue()! : readOnly.Peek?.Arrival == arrival ? readOnly.Dequeue()! : ordinary.Dequeue()!;
        Count(call, 1);
        return call;
    }

    protected override bool Start(ICall call) => call.IsOver || call.Start(this);

    protected override void Ended(ICall call)
    {
        if (call is not LifeStep) Count(call, -1);
    }

    protected override void Trim()
    {
        base.Trim();
        ordinary.Trim();
        readOnly.Trim();
        interleaving.Trim();
        inFlight.Trim();
        if (busy is { IsNeeded: false } && !ending) busy = null;
    }

    private void WatchFromNowOn()
    {
        lock (Gate)
        {
            if (watched) return;
            watched = true;
        }
        Host.Watch(this);
    }

    private bool HasWaiting => !ordinary.IsEmpty || !readOnly.IsEmpty || !interleaving.IsEmpty;

    private ref SmallQueue<ICall> QueueFor(ICall call)
    {
        if (Interleaves(call)) return ref interleaving;
        if (call.Traits.HasFlag(CallTraits.ReadOnly)) return ref readOnly;
        return ref ordinary;
    }

    private bool Interleaves(ICall call) => kind.IsReentrant || call.Traits.HasFlag(CallTraits.Interleaves);

    private void Count(ICall call, int change)
    {
        running += change;
        // What may interleave with others does not hold others up either.
        if (Interleaves(call)) return;
        if (call.Traits.HasFlag(CallTraits.ReadOnly)) readers += change;
        else writers += change;
    }

    /// <summary>
    /// Which call starts next: of those that go together with what runs, the one that came first. An activation that ends
    /// starts only what its running calls may be waiting for.
    /// </summary>
    private long StartableArrival()
    {
        var first = long.MaxValue;
        if (!ending && writers + readers == 0 && ordinary.Peek is { } o) first = Math.Min(first, o.Arrival);
        if (!ending && writers == 0 && readOnly.Peek is { } r) first = Math.Min(first, r.Arrival);
        if ((!ending || running > 0) && interleaving.Peek is { } i) first = Math.Min(first, i.Arrival);
        return first;
    }

    private async Task Activate()
    {
        try
        {
            List<PersistentStateFacet>? states;
            constructing = this;
            try
            {
                grain = kind.Create(this);
            }
            finally
            {
                (constructing, states, constructed) = (null, constructed, null);
            }
            foreach (var state in states ?? []) await state.ReadStateAsync();
            await grain.OnActivateAsync(CancellationToken.None);
        }
        catch (Exception e)
        {
            Leave(e);
            return;
        }
        lock (Gate) stage = Stage.Active; // on a turn: what waits is looked at when it ends
    }

    private async Task End()
    {
        foreach (var timer in busy!.Timers.ToArray()) timer.Dispose();
        try
        {
            if (grain is not null) await grain.OnDeactivateAsync(busy.Ending, CancellationToken.None);
        }
        catch (Exception e)
        {
            Host.Report(this, e);
        }
        Leave(null);
    }

    /// <summary>Leaves the host; what still waits goes to the next activation, or fails if there was none at all.</summary>
    private void Leave(Exception? failure)
    {
        ICall[] orphans;
        lock (Gate)
        {
            stage = Stage.Gone;
            orphans = [.. ordinary.Waiting.Concat(readOnly.Waiting).Concat(interleaving.Waiting).OrderBy(c => c.Arrival)];
            ordinary.Clear();
            readOnly.Clear();
            interleaving.Clear();
        }
        kind.Remove(this);
        foreach (var call in orphans)
        {
            if (failure is not null) call.Fail(failure);
            else if (!call.IsOver) kind.Deliver(key, call, call.Sender);
        }
        Busy.Gone.TrySetResult();
    }

    /// <summary>A write lost a race: what this activation believes is stale, so the next call starts from storage.</summary>
    internal void Distrust(InconsistentStateException exception) =>
        DeactivateWhenIdle(new DeactivationReason(DeactivationReasonCode.ApplicationError, exception, "its state was written by another"));

    /// <summary>The first and the last turn of every activation.</summary>
    private sealed class LifeStep(string name, Func<Activation, Task> step) : ICall
    {
        public static readonly LifeStep Activate = new("activation", static a => a.Activate());
        public static readonly LifeStep End = new("deactivation", static a => a.End());

        public string Name => name;
        public CallTraits Traits => CallTraits.None;
        public int Arrival { get; set; }
        public int SentAt { get; set; }
        public Activation? Sender => null;
        public bool IsOver => false;

        public bool IsMuted { get; set; }

        public bool Start(CallTarget target)
        {
            var activation = (Activation)target;
            if (!step(activation).IsCompleted) activation.WatchFromNowOn();
            return true;
        }

        public void Fail(Exception exception)
        {
        }
    }

    /// <summary>What most activations never need.</summary>
    private sealed class BusyPart(TaskCreationOptions completion)
    {
        private List<GrainTimer>? timers;
        private TaskCompletionSource? gone;

        public List<GrainTimer> Timers => timers ??= [];
        public TaskCompletionSource Gone => gone ??= new(completion);
        public DeactivationReason Ending { get; set; }

        public bool IsNeeded => timers?.Count > 0 || gone is not null;
    }
}
