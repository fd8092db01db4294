using Orleans;
using Orleans.Runtime;

namespace CitySafeSense.EmbeddedOrleans;

/// <summary>The base of generated proxies: an address, and the host that delivers to it.</summary>
public abstract class GrainReference(GrainId id, ActorHost host) : IAddressable
{
    public GrainId GrainId { get; } = id;

    protected Task<T> Send<T>(GrainCall<T> call)
    {
        host.Deliver(GrainId, call);
        return call.Result;
    }

    protected Task SendOneWay<T>(GrainCall<T> call)
    {
        host.Deliver(GrainId, call);
        return Task.CompletedTask;
    }

    public override bool Equals(object? obj) => obj is GrainReference other && other.GetType() == GetType() && other.GrainId == GrainId;

    public override int GetHashCode() => GrainId.GetHashCode();

    public override string ToString() => GrainId.ToString();
}

/// <summary>Names the proxy class of a grain interface; the generator writes one for each.</summary>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public sealed class GrainProxyAttribute(Type grainInterface, Type proxy) : Attribute
{
    public Type GrainInterface { get; } = grainInterface;
    public Type Proxy { get; } = proxy;
}
