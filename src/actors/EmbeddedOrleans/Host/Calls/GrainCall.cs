using System.Collections.Immutable;
using Orleans.Runtime;

namespace CitySafeSense.EmbeddedOrleans;

/// <summary>
/// One call with its arguments, and the promise of its result: generated code derives a class for each method. It is one
/// object, and the promise's task a second one; nothing else is allocated for a call that ends at once.
/// </summary>
public abstract class GrainCall<T>(GrainReference target) : TaskCompletionSource<T>(target.Host.Dispatcher.Completion), ICall
{
    /// <summary>The sender alone, or with what else goes along.</summary>
    private object? origin;
    private int sentAt;

    /// <summary>What is called.</summary>
    protected abstract GrainMethod Method { get; }

    string ICall.Name => Method.ToString();
    CallTraits ICall.Traits => Method.Traits;
    int ICall.Arrival { get; set; }
    Activation? ICall.Sender => origin as Activation ?? (origin as Companions)?.Sender;
    bool ICall.IsOver => Task.IsCompleted;

    /// <summary>Kept in the sign of the pulse it was sent at, which is never negative: one bit is not worth eight bytes in every call.</summary>
    bool ICall.IsMuted
    {
        get => sentAt < 0;
        set => sentAt |= value ? int.MinValue : 0;
    }

    int ICall.SentAt
    {
        get => sentAt & int.MaxValue;
        set => sentAt = value | (sentAt & int.MinValue);
    }

    internal GrainMethod Called => Method;

    /// <summary>The token that the grain sees instead of the caller's.</summary>
    internal CancellationToken Cancellation => (origin as Companions)?.Cancellation?.Token ?? default;

    /// <summary>Calls the method.</summary>
    protected abstract ValueTask<T> Invoke(object grain, CancellationToken cancellation);

    /// <summary>Puts copies in place of arguments that somebody could change after they are sent.</summary>
    protected virtual void Isolate(Isolation isolation)
    {
    }

    /// <summary>The result as the caller gets it.</summary>
    protected virtual T IsolateResult(Isolation isolation, T result) => result;

    /// <summary>Notes who calls and what goes along.</summary>
    internal void Depart(Isolation isolation, Activation? sender, ImmutableDictionary<string, object>? context, CallCancellation? cancellation)
    {
        origin = context is null && cancellation is null ? sender : new Companions(sender, context, cancellation);
        Isolate(isolation);
        cancellation?.Follow(this);
    }

    bool ICall.Start(CallTarget callee)
    {
        ValueTask<T> running;
        var companions = origin as Companions;
        try
        {
            companions?.Cancellation?.Arrive(callee);
            if (companions?.Context is { } context) RequestContext.Current = context;
            running = callee.Filters is { } filters
                ? IncomingCall<T>.Through(filters, this, (Activation)callee)
                : Invoke(callee.Instance, Cancellation);
            if (running.IsCompletedSuccessfully)
            {
                Succeed(callee, running.Result);
                return true;
            }
        }
        catch (Exception e)
        {
            Fail(callee, e);
            return true;
        }
        finally
        {
            if (companions?.Context is not null) RequestContext.Current = null;
        }
        callee.GoesOn(this);
        Follow(callee, running.AsTask());
        return false;
    }

    /// <summary>Not an await: that would come back as one more turn, or by way of the thread pool. This ends the call where its last turn ends.</summary>
    private void Follow(CallTarget callee, Task<T> running) =>
        running.ContinueWith(task => End(callee, task), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    internal ValueTask<T> InvokeDirectly(object grain) => Invoke(grain, Cancellation);

    void ICall.Fail(Exception exception)
    {
        (origin as Companions)?.Cancellation?.Dispose();
        if (exception is OperationCanceledException cancelled) TrySetCanceled(cancelled.CancellationToken);
        else TrySetException(exception);
    }

    /// <summary>For methods without a result.</summary>
    protected static ValueTask<T> Completed(Task task) => task.IsCompletedSuccessfully ? default : new(task.ContinueWith(static task =>
    {
        task.GetAwaiter().GetResult();
        return default(T)!;
    }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default));

    /// <summary>On the grain's last turn, or wherever a task that the grain merely passed on was completed.</summary>
    private void End(CallTarget callee, Task<T> task)
    {
        try
        {
            Succeed(callee, task.GetAwaiter().GetResult());
        }
        catch (Exception e)
        {
            Fail(callee, e);
        }
        callee.EndedLater(this);
    }

    private void Succeed(CallTarget callee, T result)
    {
        (origin as Companions)?.Cancellation?.Dispose();
        if (sentAt < 0 || callee.IsDead) return;
        TrySetResult(IsolateResult(callee.Host.Isolation, result));
    }

    private void Fail(CallTarget callee, Exception exception)
    {
        (origin as Companions)?.Cancellation?.Dispose();
        if (sentAt < 0 || callee.IsDead) return;
        if (exception is OperationCanceledException cancelled) TrySetCanceled(cancelled.CancellationToken);
        else TrySetException(exception);
        if (!Method.Traits.HasFlag(CallTraits.OneWay)) return;
        callee.Host.Report(callee, exception);
        _ = Task.Exception; // seen: it is in the log
    }

    private sealed record Companions(Activation? Sender, ImmutableDictionary<string, object>? Context, CallCancellation? Cancellation);
}
