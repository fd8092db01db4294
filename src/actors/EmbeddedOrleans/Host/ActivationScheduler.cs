using System.Diagnostics.CodeAnalysis;

namespace CitySafeSense.EmbeddedOrleans;

/// <summary>
/// Runs the tasks of one activation one at a time, in order, on the thread pool. An await inside a grain captures this
/// scheduler, so the rest of the method runs as another turn of the same grain.
/// </summary>
internal sealed class ActivationScheduler : TaskScheduler, IThreadPoolWorkItem
{
    private const int TurnsBeforeYielding = 64;
    private readonly Queue<Task> turns = new();
    private bool scheduled;

    protected override void QueueTask(Task task)
    {
        lock (turns)
        {
            turns.Enqueue(task);
            if (scheduled) return;
            scheduled = true;
        }
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
    }

    void IThreadPoolWorkItem.Execute()
    {
        for (var turn = 0; turn < TurnsBeforeYielding; turn++)
        {
            Task? next;
            lock (turns)
            {
                if (!turns.TryDequeue(out next))
                {
                    scheduled = false;
                    return;
                }
            }
            TryExecuteTask(next);
        }
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Never: a task queued here must wait for its turn.</summary>
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    [ExcludeFromCodeCoverage]
    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (turns) return [.. turns];
    }
}
