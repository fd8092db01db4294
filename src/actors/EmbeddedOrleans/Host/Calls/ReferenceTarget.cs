using Orleans.Runtime;

namespace CitySafeSense.EmbeddedOrleans;

/// <summary>What takes calls: an activation, the workers of a stateless grain, an observed object.</summary>
internal interface ICallTarget
{
    /// <summary>False when it is gone: whoever delivers asks the directory again.</summary>
    bool TryDeliver(ICall call);
}

/// <summary>Knows where calls to the keys of one kind go.</summary>
internal abstract class CallDirectory(ActorHost host)
{
    public ActorHost Host { get; } = host;

    public abstract GrainId IdOf(string key);

    /// <summary>Delivers, making an activation where there is none; returns where further calls may go at once, if there is such a place.</summary>
    public abstract ICallTarget? Deliver(string key, ICall call, Activation? sender);
}

/// <summary>An address: the kind of grain and the key.</summary>
public readonly struct ReferenceTarget
{
    internal ReferenceTarget(CallDirectory directory, string key) => (Directory, Key) = (directory, key);

    internal CallDirectory Directory { get; }
    internal string Key { get; }
}

/// <summary>Names the proxy class of a grain interface; the generator writes one for each.</summary>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public sealed class GrainProxyAttribute(Type grainInterface, Type proxy) : Attribute
{
    public Type GrainInterface { get; } = grainInterface;
    public Type Proxy { get; } = proxy;
}

/// <summary>What a generated proxy can do without an instance: make one.</summary>
public interface IGrainProxy<TSelf>
    where TSelf : GrainReference, IGrainProxy<TSelf>
{
    static abstract TSelf At(ReferenceTarget target);
}

/// <summary>Makes proxies of one class; found by reflection once, when the host starts.</summary>
internal abstract class ProxyMaker
{
    public static ProxyMaker Of(Type proxy) => (ProxyMaker)Activator.CreateInstance(typeof(Maker<>).MakeGenericType(proxy))!;

    public abstract GrainReference Make(ReferenceTarget target);

    private sealed class Maker<T> : ProxyMaker
        where T : GrainReference, IGrainProxy<T>
    {
        public override GrainReference Make(ReferenceTarget target) => T.At(target);
    }
}
