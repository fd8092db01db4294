using System.Collections.Frozen;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace CitySafeSense.EmbeddedOrleans;

/// <summary>
/// Runs grains in this process: finds their classes, makes references, keeps at most one activation for each grain and ends
/// those that nobody uses. It does not know a network, a cluster or what any grain is for.
/// </summary>
public sealed class ActorHost : IGrainFactory, IAsyncDisposable
{
    private static readonly TimeSpan LongestPulse = TimeSpan.FromSeconds(1), ShortestPulse = TimeSpan.FromMilliseconds(5);
    private readonly FrozenDictionary<GrainType, GrainKind> kinds;
    private readonly FrozenDictionary<Type, GrainKind[]> kindsOfInterface;
    private readonly FrozenDictionary<Type, ProxyMaker> proxies;
    private readonly ILogger<ActorHost> log;
    private readonly CallPatience patience;
    private readonly ObservedObjects observed;
    private readonly List<ITimer> timers;
    private readonly TimeSpan drainTime;
    private readonly TimeSpan pulsePeriod;
    private int pulse;
    private volatile bool draining, stopped;

    /// <exception cref="ArgumentException">An interface has no proxy.</exception>
    public ActorHost(IServiceProvider services, ActorHostOptions options, TimeProvider time, ILogger<ActorHost> log)
        : this(services, options, time, log, TurnDispatcher.ThreadPool)
    {
    }

    internal ActorHost(IServiceProvider services, ActorHostOptions options, TimeProvider time, ILogger<ActorHost> log, TurnDispatcher dispatcher)
    {
        options.Validate();
        (Services, Time, Dispatcher, this.log, drainTime) = (services, time, dispatcher, log, options.DrainTime);
        pulsePeriod = TimeSpan.FromTicks(Math.Clamp(Math.Min(options.ResponseTimeout.Ticks, options.CollectionAge.Ticks) / 20, ShortestPulse.Ticks, LongestPulse.Ticks));
        patience = new CallPatience(options.ResponseTimeout, PulsesIn(options.ResponseTimeout));
        Isolation = new Isolation(options.GrainAssemblies.Concat(options.ContractAssemblies), options.Codec);
        Incoming = [.. services.GetServices<IIncomingGrainCallFilter>()];
        Outgoing = [.. services.GetServices<IOutgoingGrainCallFilter>()];
        observed = new ObservedObjects(this);
        GrainKind[] found = [.. options.GrainAssemblies.Distinct().SelectMany(a => a.GetTypes()).Where(t => typeof(Grain).IsAssignableFrom(t) && !t.IsAbstract).Select(t => new GrainKind(this, t, options.StatelessWorkers))];
        if (found.GroupBy(k => k.Type).FirstOrDefault(g => g.Count() > 1) is { } twins) throw new ArgumentException($"{twins.Count()} grain classes are of type \"{twins.Key}\": give them different names");
        var implemented = found.SelectMany(k => k.Interfaces.Where(i => i != typeof(IRemindable)).Select(i => (Interface: i, Kind: k))).ToArray();
        kinds = found.ToFrozenDictionary(k => k.Type);
        kindsOfInterface = implemented.GroupBy(i => i.Interface, i => i.Kind).ToFrozenDictionary(g => g.Key, g => g.ToArray());
        proxies = options.ContractAssemblies.Concat(options.GrainAssemblies).Distinct().SelectMany(a => a.GetCustomAttributes<GrainProxyAttribute>())
            .ToFrozenDictionary(p => p.GrainInterface, p => ProxyMaker.Of(p.Proxy));
        foreach (var grainInterface in kindsOfInterface.Keys)
            if (!proxies.ContainsKey(grainInterface)) throw new ArgumentException($"{grainInterface} has no generated proxy: does its project reference the generator?");
        Reminders = new ReminderService(this, services.GetService<IReminderTable>() ?? new MemoryReminderTable(), options.MinimumReminderPeriod);
        var collector = new Collector(this, options);
        timers =
        [
            Every(pulsePeriod, () => patience.Look(Interlocked.Increment(ref pulse))),
            Every(options.CollectionQuantum, collector.CollectByAge),
            Every(options.MemoryPollingPeriod, collector.CollectUnderPressure),
        ];
    }

    public IServiceProvider Services { get; }

    internal TimeProvider Time { get; }
    internal TurnDispatcher Dispatcher { get; }
    internal Isolation Isolation { get; }
    internal IIncomingGrainCallFilter[] Incoming { get; }
    internal IOutgoingGrainCallFilter[] Outgoing { get; }
    internal ReminderService Reminders { get; }

    /// <summary>A coarse clock: counts beats since the start. Patience and idleness need no better one, and a read costs nothing.</summary>
    internal int Pulse => Volatile.Read(ref pulse);

    internal IEnumerable<Activation> Activations => Dispatcher.InOrder(kinds.Values.SelectMany(k => k.Activations));

    /// <summary>Loads the reminders that are stored; from then on they tick.</summary>
    public Task StartAsync() => Reminders.Start();

    public TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithGuidKey => Reference<TGrainInterface>(GrainKeys.Of(primaryKey));

    public TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithIntegerKey => Reference<TGrainInterface>(GrainKeys.Of(primaryKey));

    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey => Reference<TGrainInterface>(primaryKey);

    public TGrainInterface GetGrain<TGrainInterface>(GrainId grainId)
        where TGrainInterface : IAddressable => Reference<TGrainInterface>(grainId);

    public TGrainObserverInterface CreateObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver => (TGrainObserverInterface)(object)Proxy(typeof(TGrainObserverInterface)).Make(observed.Add(obj));

    public void DeleteObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver => observed.Remove(((GrainReference)obj).GrainId.Key.ToString());

    /// <summary>
    /// Lets what runs come to its end: nothing is taken from outside any more, running calls may still call other grains, every
    /// activation is asked to leave. What has not ended after <see cref="ActorHostOptions.DrainTime"/> is left behind.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (draining) return;
        draining = true;
        Reminders.Stop();
        var reason = new DeactivationReason(DeactivationReasonCode.ShuttingDown, "the host stops");
        var late = Task.Delay(drainTime, Time);
        // A running call may have woken others meanwhile.
        while (Activations.ToArray() is { Length: > 0 } remaining && !late.IsCompleted)
            await Task.WhenAny(Task.WhenAll(remaining.Select(a => a.Deactivate(reason))), late);
        stopped = true;
        foreach (var timer in timers) await timer.DisposeAsync();
        foreach (var left in Activations.ToArray()) left.Kill(); // whoever still waits for them is told
    }

    /// <summary>As if the process had died: nothing runs any more, nobody is asked to leave.</summary>
    internal void Crash()
    {
        draining = stopped = true;
        Reminders.Stop();
        foreach (var timer in timers) timer.Dispose();
        foreach (var activation in Activations.ToArray()) activation.Kill();
    }

    internal bool Refuses(Activation? sender) => draining && (stopped || sender is null);

    /// <summary>Fails a call that has been handed from one activation to the next for as long as its caller waits.</summary>
    internal bool GivesUpOn(ICall call, Activation activation) => patience.GivesUpOn(call, activation, Pulse);

    /// <summary>Nothing but the end of its patience will answer this call, unless the callee does.</summary>
    internal void Expect(ICall call, GrainId target) => patience.Expect(call, target, Pulse);

    /// <summary>Nothing will ever answer this call.</summary>
    internal void WaitInVain(ICall call, GrainId target) => patience.WaitInVain(call, target, Pulse);

    internal void Watch(Activation activation) => patience.Watch(activation);

    internal int PulsesIn(TimeSpan span) => (int)Math.Min(int.MaxValue / 4, Math.Ceiling(span / pulsePeriod));

    internal int PulseAfter(TimeSpan span) => Pulse + PulsesIn(span);

    internal void Report(CallTarget target, Exception exception) => LogFailure(log, $"{target}", exception);

    internal void Report(GrainId grain, Exception exception) => LogFailure(log, grain.ToString(), exception);

    internal TGrainInterface Reference<TGrainInterface>(string key)
    {
        if (!kindsOfInterface.TryGetValue(typeof(TGrainInterface), out var implementing)) throw new ArgumentException($"no grain class implements {typeof(TGrainInterface)}");
        if (implementing is not [var kind]) throw new ArgumentException($"{typeof(TGrainInterface)} is implemented by {string.Join(" and ", implementing.Select(k => k.Type))}: ask for the interface of one of them");
        return (TGrainInterface)(object)Proxy(typeof(TGrainInterface)).Make(new ReferenceTarget(kind, key));
    }

    internal TGrainInterface Reference<TGrainInterface>(GrainId id) =>
        (TGrainInterface)(object)Proxy(typeof(TGrainInterface)).Make(new ReferenceTarget(
            kinds.GetValueOrDefault(id.Type) ?? throw new ArgumentException($"{id}: no grain class is of type \"{id.Type}\""), id.Key.ToString()));

    internal GrainKind? KindOf(GrainType type) => kinds.GetValueOrDefault(type);

    private ProxyMaker Proxy(Type grainInterface) => proxies.GetValueOrDefault(grainInterface) ?? throw new ArgumentException($"{grainInterface} has no generated proxy");

    private ITimer Every(TimeSpan period, Action action) => Time.CreateTimer(_ =>
    {
        try
        {
            action();
        }
        catch (Exception e)
        {
            LogFailure(log, "the host's upkeep", e); // an exception on a timer's thread would end the process
        }
    }, null, period, period);

    private static readonly Action<ILogger, string, Exception?> LogFailure =
        LoggerMessage.Define<string>(LogLevel.Error, new EventId(1, "GrainFailure"), "{Grain} failed outside a call");
}
