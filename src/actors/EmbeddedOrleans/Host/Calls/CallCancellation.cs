namespace CitySafeSense.EmbeddedOrleans;

/// <summary>
/// A caller's token on its way to a grain. When it is cancelled the caller is released at once; the grain's own token is
/// cancelled as a turn of the grain, so that nothing of the grain ever runs beside it. A call that has not started never will.
/// </summary>
internal sealed class CallCancellation(CancellationToken caller) : IDisposable
{
    private readonly CancellationTokenSource source = new();
    private CancellationTokenRegistration registration;
    private CallTarget? callee;
    private ICall? call;
    private bool cancelled;

    public CancellationToken Token => source.Token;

    /// <summary>From now on the caller's token is listened to.</summary>
    public void Follow(ICall what)
    {
        call = what;
        registration = caller.UnsafeRegister(static self => ((CallCancellation)self!).Cancel(), this);
    }

    /// <summary>The call starts, on the callee's turn.</summary>
    public void Arrive(CallTarget where)
    {
        lock (source)
        {
            callee = where;
            if (!cancelled) return;
        }
        source.Cancel();
    }

    public void Dispose() => registration.Unregister();

    private void Cancel()
    {
        call!.Fail(new OperationCanceledException(caller));
        CallTarget? running;
        lock (source)
        {
            cancelled = true;
            running = callee;
        }
        if (running is not null) _ = Task.Factory.StartNew(source.Cancel, CancellationToken.None, TaskCreationOptions.DenyChildAttach, running);
    }
}
