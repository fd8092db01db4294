using System.Diagnostics.CodeAnalysis;

namespace CitySafeSense.EmbeddedOrleans;

/// <summary>
/// Runs one thing at a time: the continuations of what awaits, and calls that start. Code it runs sees it as TaskScheduler.Current,
/// so an await resumes as a turn of the same queue.
/// </summary>
/// <remarks>An idle queue has no task, no list and no entry anywhere; being ready costs nothing but a place in the dispatcher's queue.</remarks>
internal abstract class TurnQueue : TaskScheduler, IThreadPoolWorkItem
{
    private const int TurnsBeforeYielding = 64;

    [ThreadStatic]
    private static TurnQueue? running;

    [ThreadStatic]
    private static Task? starting;

    [ThreadStatic]
    private static ICall? endedAtOnce;

    private SmallQueue<Task> continuations;
    private bool ready;
    private bool continuationLast;
    private bool dead;

    /// <summary>Whose turn this thread is running.</summary>
    public static TurnQueue? Running => running;

    /// <summary>Not a field: there are a million queues and one dispatcher.</summary>
    public abstract TurnDispatcher Dispatcher { get; }

    /// <summary>Guards this queue and what its heirs keep for it. Never held while foreign code runs.</summary>
    protected object Gate => this;

    /// <summary>Nothing of this queue runs again.</summary>
    public bool IsDead => dead;

    /// <summary>Whether <see cref="Take"/> would find something. Called under <see cref="Gate"/>.</summary>
    protected abstract bool HasNext { get; }

    /// <summary>The call that starts next. Called under <see cref="Gate"/>.</summary>
    protected abstract ICall Take();

    /// <summary>Starts a call as a task of this scheduler; true if it ended at once.</summary>
    protected abstract bool Start(ICall call);

    /// <summary>A call has ended that <see cref="Start"/> said had. Called under <see cref="Gate"/>.</summary>
    protected abstract void Ended(ICall call);

    /// <summary>Runs turns: many in production, one at a time where a seed chooses who is next.</summary>
    public void Execute(int most)
    {
        var dispatcher = Dispatcher;
        running = this;
        ICall? ended = null;
        for (var turn = 0; turn < most; turn++)
        {
            Task? continuation = null;
            ICall? call = null;
            lock (Gate)
            {
                if (ended is not null) Ended(ended);
                ended = null;
                var hasNext = !dead && HasNext;
                // By turns, so that neither can starve the other.
                if (!continuations.IsEmpty && !(hasNext && continuationLast)) continuation = continuations.Dequeue();
                else if (hasNext) call = Take();
                else
                {
                    ready = false;
                    running = null;
                    return;
                }
                continuationLast = continuation is not null;
            }
            dispatcher.Started(this, call);
            if (continuation is not null) TryExecuteTask(continuation);
            else ended = Run(call!);
        }
        running = null;
        lock (Gate)
        {
            if (ended is not null) Ended(ended);
            ready = HasTurn;
            if (!ready) return;
        }
        dispatcher.Ready(this);
    }

    void IThreadPoolWorkItem.Execute() => Execute(TurnsBeforeYielding);

    /// <summary>Whether the dispatcher must be told that there is a turn to run. Called under <see cref="Gate"/>, after what is new was put there.</summary>
    protected bool BecomesReady()
    {
        if (ready || !HasTurn) return false;
        return ready = true;
    }

    /// <summary>Whether a turn is running or about to.</summary>
    protected bool IsReady => ready;

    /// <summary>As if the process had died: what waits is dropped, what awaits never resumes. Called under <see cref="Gate"/>.</summary>
    protected void Die()
    {
        dead = true;
        continuations.Clear();
    }

    /// <summary>Gives back what a busy time has left behind. Called under <see cref="Gate"/>.</summary>
    protected virtual void Trim() => continuations.Trim();

    private bool HasTurn => !continuations.IsEmpty || (!dead && HasNext);

    /// <summary>A call starts inside a task of this scheduler: that is what makes its awaits come back here.</summary>
    private ICall? Run(ICall call)
    {
        starting = new Task(static call => endedAtOnce = running!.Start((ICall)call!) ? (ICall)call! : null, call, CancellationToken.None, TaskCreationOptions.DenyChildAttach);
        starting.RunSynchronously(this);
        var ended = endedAtOnce;
        endedAtOnce = null;
        return ended;
    }

    protected override void QueueTask(Task task)
    {
        Dispatcher.Witness(this);
        lock (Gate)
        {
            if (dead) return;
            continuations.Enqueue(task);
            if (!BecomesReady()) return;
        }
        Dispatcher.Ready(this);
    }

    /// <summary>Only the task that a start is made of: everything else waits for its turn.</summary>
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => ReferenceEquals(task, starting) && TryExecuteTask(task);

    [ExcludeFromCodeCoverage]
    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (Gate) return [.. continuations.Waiting];
    }
}
