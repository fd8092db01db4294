namespace CitySafeSense.EmbeddedOrleans;

/// <summary>Decides where and when whoever is ready gets its next turn. The one place where production and deterministic runs differ.</summary>
internal abstract class TurnDispatcher
{
    /// <summary>The thread pool.</summary>
    public static TurnDispatcher ThreadPool { get; } = new OnThreadPool();

    /// <summary>How results are handed to those who wait: in production never on the stack of the grain that made them.</summary>
    public abstract TaskCreationOptions Completion { get; }

    /// <summary>Somebody has turns to run; called once until <see cref="TurnQueue.Execute"/> was.</summary>
    public abstract void Ready(TurnQueue turns);

    /// <summary>Called on whatever thread something reaches a grain; a run that must stay on one thread refuses the others here.</summary>
    public virtual void Witness(TurnQueue turns)
    {
    }

    /// <summary>Grains in the order in which the host should go through them; that of a hash table will do in production.</summary>
    public virtual IEnumerable<Activation> InOrder(IEnumerable<Activation> activations) => activations;

    /// <summary>A turn begins: of a call, or of a continuation.</summary>
    public virtual void Started(TurnQueue turns, ICall? call)
    {
    }

    /// <summary>What becomes of a call that is sent.</summary>
    public virtual CallFate FateOf(ICall call, Activation? sender) => CallFate.Delivered;

    private sealed class OnThreadPool : TurnDispatcher
    {
        public override TaskCreationOptions Completion => TaskCreationOptions.RunContinuationsAsynchronously;

        public override void Ready(TurnQueue turns) => System.Threading.ThreadPool.UnsafeQueueUserWorkItem(turns, preferLocal: true);
    }
}

/// <summary>What may happen to a call between two grains.</summary>
internal enum CallFate
{
    Delivered,

    /// <summary>It never arrives; the caller hears nothing until its patience ends.</summary>
    RequestLost,

    /// <summary>It takes effect; the caller does not hear of it.</summary>
    AnswerLost,
}
