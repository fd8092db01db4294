using Orleans;

namespace CitySafeSense.EmbeddedOrleans;

/// <summary>One call on its way to a grain, or a timer's firing.</summary>
public abstract class GrainCall
{
    /// <summary>Interface and method, for messages.</summary>
    public abstract string Name { get; }

    /// <summary>May run while another call awaits.</summary>
    public virtual bool Interleaves => false;

    /// <summary>Counts as use of the activation.</summary>
    internal virtual bool KeepsAlive => true;

    /// <summary>Starts the call on the grain's turn; the task ends when the call does and never fails.</summary>
    internal abstract Task Run(Grain grain);

    /// <summary>The call will not run.</summary>
    internal abstract void Fail(Exception exception);
}

/// <summary>A call with a result. Continuations of the caller never run on the callee's turn.</summary>
public abstract class GrainCall<T> : GrainCall
{
    private readonly TaskCompletionSource<T> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal Task<T> Result => completion.Task;

    /// <summary>Calls the method.</summary>
    protected abstract Task<T> Invoke(object grain);

    internal sealed override async Task Run(Grain grain)
    {
        try
        {
            completion.SetResult(await Invoke(grain));
        }
        catch (OperationCanceledException e)
        {
            completion.SetCanceled(e.CancellationToken);
        }
        catch (Exception e)
        {
            completion.SetException(e);
        }
    }

    internal sealed override void Fail(Exception exception) => completion.TrySetException(exception);

    /// <summary>For methods without a result.</summary>
    protected static async Task<T> Completed(Task task)
    {
        await task;
        return default!;
    }
}
