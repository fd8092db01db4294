using Orleans;

namespace CitySafeSense.EmbeddedOrleans;

/// <summary>Somebody who is called: a grain's activation or an observed object.</summary>
internal abstract class CallTarget : TurnQueue, ICallTarget
{
    public abstract ActorHost Host { get; }

    public sealed override TurnDispatcher Dispatcher => Host.Dispatcher;

    /// <summary>What the methods are called on.</summary>
    public abstract object Instance { get; }

    /// <summary>Filters that see its calls; null where there are none, so that most calls ask once.</summary>
    public virtual IReadOnlyList<IIncomingGrainCallFilter>? Filters => null;

    public abstract bool TryDeliver(ICall call);

    /// <summary>A call that has started has not ended at once.</summary>
    public abstract void GoesOn(ICall call);

    /// <summary>A call that went on has ended: on a turn, or wherever a task was completed that the target merely passed on.</summary>
    public abstract void EndedLater(ICall call);
}
