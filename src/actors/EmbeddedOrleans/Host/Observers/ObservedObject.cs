using Orleans;
using Orleans.Runtime;

namespace CitySafeSense.EmbeddedOrleans;

/// <summary>An object that observes: its calls come one at a time, in order.</summary>
internal sealed class ObservedObject(ActorHost host, WeakReference<IGrainObserver> observer, GrainId id) : CallTarget
{
    private SmallQueue<ICall> waiting;
    private bool running;
    private bool closed;

    public override ActorHost Host => host;

    public override object Instance => observer.TryGetTarget(out var alive) ? alive : throw new ClientNotAvailableException(id);

    protected override bool HasNext => !running && !waiting.IsEmpty;

    public override bool TryDeliver(ICall call)
    {
        Dispatcher.Witness(this);
        bool wake;
        lock (Gate)
        {
            if (closed || !observer.TryGetTarget(out _)) return false;
            waiting.Enqueue(call);
            wake = BecomesReady();
        }
        if (!call.Traits.HasFlag(CallTraits.OneWay)) Host.Expect(call, id);
        if (wake) Dispatcher.Ready(this);
        return true;
    }

    /// <summary>Takes no more calls; those that wait fail.</summary>
    public void Close()
    {
        ICall[] orphans;
        lock (Gate)
        {
            closed = true;
            orphans = [.. waiting.Waiting];
            waiting.Clear();
        }
        foreach (var call in orphans) call.Fail(new ClientNotAvailableException(id));
    }

    public override void GoesOn(ICall call)
    {
    }

    public override void EndedLater(ICall call)
    {
        lock (Gate)
        {
            running = false;
            if (!BecomesReady()) return;
        }
        Dispatcher.Ready(this);
    }

    public override string ToString() => id.ToString();

    protected override ICall Take()
    {
        running = true;
        return waiting.Dequeue()!;
    }

    protected override bool Start(ICall call) => call.IsOver || call.Start(this);

    protected override void Ended(ICall call) => running = false;
}
