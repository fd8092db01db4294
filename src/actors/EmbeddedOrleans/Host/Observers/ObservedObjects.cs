using System.Collections.Concurrent;
using System.Globalization;
using Orleans;
using Orleans.Runtime;

namespace CitySafeSense.EmbeddedOrleans;

/// <summary>Objects outside of grains that grains may call. They are held weakly, as in Orleans: whoever observes keeps his object alive.</summary>
internal sealed class ObservedObjects(ActorHost host) : CallDirectory(host)
{
    private static readonly GrainType Type = GrainType.Create("observer");
    private readonly ConcurrentDictionary<string, ObservedObject> objects = new();
    private long last;

    public ReferenceTarget Add(IGrainObserver observer)
    {
        var key = Interlocked.Increment(ref last).ToString(CultureInfo.InvariantCulture);
        objects[key] = new ObservedObject(Host, new WeakReference<IGrainObserver>(observer), IdOf(key));
        return new ReferenceTarget(this, key);
    }

    public void Remove(string key)
    {
        if (objects.TryRemove(key, out var removed)) removed.Close();
    }

    public override GrainId IdOf(string key) => GrainId.Create(Type, IdSpan.Create(key));

    public override ICallTarget? Deliver(string key, ICall call, Activation? sender)
    {
        if (objects.TryGetValue(key, out var target) && target.TryDeliver(call)) return target;
        objects.TryRemove(key, out _);
        call.Fail(new ClientNotAvailableException(IdOf(key)));
        return null;
    }
}
