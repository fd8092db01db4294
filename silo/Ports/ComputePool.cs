using System.Collections.Concurrent;
using CitySafeSense.Contracts.Ports;

namespace CitySafeSense.Silo.Ports;

/// <summary>A fixed number of threads for training and evaluation, below the priority of what answers people.</summary>
public sealed class ComputePool : IComputePool, IDisposable
{
    private const int QueuedWork = 100_000;
    private readonly BlockingCollection<Action> queue = new(QueuedWork);
    private readonly Thread[] workers;

    public ComputePool(int workers)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(workers, 1);
        this.workers = [.. Enumerable.Range(0, workers).Select(i =>
        {
            var thread = new Thread(Work) { IsBackground = true, Name = $"compute {i}", Priority = ThreadPriority.BelowNormal };
            thread.Start();
            return thread;
        })];
    }

    public Task<T> Run<T>(Func<T> work)
    {
        var completion = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        queue.Add(() =>
        {
            try
            {
                completion.SetResult(work());
            }
            catch (Exception e)
            {
                completion.SetException(e);
            }
        });
        return completion.Task;
    }

    public void Dispose()
    {
        queue.CompleteAdding();
        foreach (var worker in workers) worker.Join();
        queue.Dispose();
    }

    private void Work()
    {
        foreach (var action in queue.GetConsumingEnumerable()) action();
    }
}
