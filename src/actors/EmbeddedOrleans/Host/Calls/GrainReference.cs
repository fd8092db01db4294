using Orleans.Runtime;

namespace CitySafeSense.EmbeddedOrleans;

/// <summary>The base of generated proxies: an address, and the last place where it was found.</summary>
public abstract class GrainReference(ReferenceTarget target) : IAddressable
{
    private ICallTarget? found;

    public GrainId GrainId => target.Directory.IdOf(target.Key);

    internal ActorHost Host => target.Directory.Host;

    protected Task<T> Send<T>(GrainCall<T> call, CancellationToken cancellation = default)
    {
        if (Host.Outgoing.Length > 0) return OutgoingCall<T>.Through(Host.Outgoing, this, call, cancellation);
        return SendDirectly(call, cancellation);
    }

    /// <summary>The call is under way when this returns; how it ends is only written to the log.</summary>
    protected Task SendOneWay<T>(GrainCall<T> call)
    {
        _ = Send(call);
        return Task.CompletedTask;
    }

    internal Task<T> SendDirectly<T>(GrainCall<T> call, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested) return Task.FromCanceled<T>(cancellation);
        var sender = TurnQueue.Running as Activation;
        ((ICall)call).SentAt = Host.Pulse;
        call.Depart(Host.Isolation, sender, RequestContext.Current, cancellation.CanBeCanceled ? new CallCancellation(cancellation) : null);
        switch (Host.Dispatcher.FateOf(call, sender))
        {
            case CallFate.RequestLost:
                Host.WaitInVain(call, GrainId);
                break;
            case CallFate.AnswerLost:
                Host.WaitInVain(call, GrainId);
                Deliver(call, sender);
                break;
            default:
                Deliver(call, sender);
                break;
        }
        return call.Task;
    }

    private void Deliver(ICall call, Activation? sender)
    {
        if (found is null || Host.Refuses(sender) || !found.TryDeliver(call)) found = target.Directory.Deliver(target.Key, call, sender);
    }

    public override bool Equals(object? obj) => obj is GrainReference other && other.GetType() == GetType() && other.GrainId == GrainId;

    public override int GetHashCode() => GrainId.GetHashCode();

    public override string ToString() => GrainId.ToString();
}
