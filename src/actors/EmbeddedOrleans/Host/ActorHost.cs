using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Reflection;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace CitySafeSense.EmbeddedOrleans;

/// <summary>What a host is told.</summary>
public sealed record ActorHostOptions
{
    /// <summary>Assemblies with grain classes.</summary>
    public required IReadOnlyList<Assembly> GrainAssemblies { get; init; }

    /// <summary>Assemblies with grain interfaces and their generated proxies.</summary>
    public required IReadOnlyList<Assembly> ContractAssemblies { get; init; }

    /// <summary>An activation not used for this long ends.</summary>
    public TimeSpan CollectionAge { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How often idle activations are looked for.</summary>
    public TimeSpan CollectionQuantum { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a stop waits for calls that still run.</summary>
    public TimeSpan DrainTime { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>
/// Runs grains in this process: finds their classes, makes references, keeps at most one activation for each grain and ends
/// those that nobody uses. It does not know a network, a cluster or what any grain is for.
/// </summary>
public sealed class ActorHost : IGrainFactory, IAsyncDisposable
{
    private readonly ConcurrentDictionary<GrainId, Activation> activations = new();
    private readonly FrozenDictionary<GrainType, GrainKind> kinds;
    private readonly FrozenDictionary<Type, GrainKind> kindOfInterface;
    private readonly FrozenDictionary<Type, Func<GrainId, object>> proxies;
    private readonly ILogger<ActorHost> log;
    private readonly ITimer collector;
    private readonly TimeSpan drainTime;
    private volatile bool stopping;

    /// <exception cref="ArgumentException">Two classes implement one interface, or an interface has no class or no proxy.</exception>
    public ActorHost(IServiceProvider services, ActorHostOptions options, TimeProvider time, ILogger<ActorHost> log)
    {
        Services = services;
        Time = time;
        this.log = log;
        drainTime = options.DrainTime;
        GrainKind[] found = [.. options.GrainAssemblies.SelectMany(a => a.GetTypes()).Where(t => typeof(Grain).IsAssignableFrom(t) && !t.IsAbstract).Select(t => new GrainKind(t))];
        kinds = found.ToFrozenDictionary(k => k.Type);
        kindOfInterface = found.SelectMany(k => k.Interfaces.Select(i => (i, k))).ToFrozenDictionary(p => p.i, p => p.k);
        proxies = options.ContractAssemblies.SelectMany(a => a.GetCustomAttributes<GrainProxyAttribute>())
            .ToFrozenDictionary(p => p.GrainInterface, p => ProxyFactory(p.Proxy));
        foreach (var grainInterface in kindOfInterface.Keys)
            if (!proxies.ContainsKey(grainInterface)) throw new ArgumentException($"{grainInterface} has no generated proxy: does its project reference the generator?");
        collector = time.CreateTimer(_ => CollectIdle(options.CollectionAge), null, options.CollectionQuantum, options.CollectionQuantum);
    }

    public IServiceProvider Services { get; }

    /// <summary>Grains in memory.</summary>
    public int ActivationCount => activations.Count;

    internal TimeProvider Time { get; }

    public TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithGuidKey => Reference<TGrainInterface>(GrainKeys.Of(primaryKey));

    public TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithIntegerKey => Reference<TGrainInterface>(GrainKeys.Of(primaryKey));

    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey => Reference<TGrainInterface>(primaryKey);

    /// <summary>Ends every activation, letting running calls finish for up to <see cref="ActorHostOptions.DrainTime"/>; calls that come later fail.</summary>
    public async ValueTask DisposeAsync()
    {
        stopping = true;
        await collector.DisposeAsync();
        var reason = new DeactivationReason(DeactivationReasonCode.ShuttingDown, "the host stops");
        var drained = Task.WhenAll(activations.Values.Select(a => a.Deactivate(reason)));
        await Task.WhenAny(drained, Task.Delay(drainTime, Time));
    }

    internal void Deliver(GrainId id, GrainCall call)
    {
        while (true)
        {
            if (stopping)
            {
                call.Fail(new ObjectDisposedException(nameof(ActorHost), $"{call.Name} on {id}: the host has stopped"));
                return;
            }
            var activation = activations.GetOrAdd(id, static (id, host) => new Activation(host, id, host.kinds[id.Type]), this);
            if (activation.TryEnqueue(call)) return;
            Remove(activation);
        }
    }

    internal void Remove(Activation activation) => activations.TryRemove(KeyValuePair.Create(activation.GrainId, activation));

    internal void Report(Activation activation, Exception exception) => LogFailure(log, activation.GrainId.ToString(), exception);

    private void CollectIdle(TimeSpan age)
    {
        var reason = new DeactivationReason(DeactivationReasonCode.ActivationIdle, $"not used for {age}");
        foreach (var activation in activations.Values)
            if (activation.Idle > age) activation.DeactivateWhenIdle(reason);
    }

    private TGrainInterface Reference<TGrainInterface>(string key)
    {
        if (!kindOfInterface.TryGetValue(typeof(TGrainInterface), out var kind)) throw new ArgumentException($"no grain class implements {typeof(TGrainInterface)}");
        return (TGrainInterface)proxies[typeof(TGrainInterface)](GrainId.Create(kind.Type, IdSpan.Create(key)));
    }

    private Func<GrainId, object> ProxyFactory(Type proxy)
    {
        var factory = Microsoft.Extensions.DependencyInjection.ActivatorUtilities.CreateFactory(proxy, [typeof(GrainId), typeof(ActorHost)]);
        return id => factory(Services, [id, this]);
    }

    private static readonly Action<ILogger, string, Exception?> LogFailure =
        LoggerMessage.Define<string>(LogLevel.Error, new EventId(1, "GrainFailure"), "{Grain} failed outside a call");
}
