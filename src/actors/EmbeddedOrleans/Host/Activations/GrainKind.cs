using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;
using Orleans.Storage;

namespace CitySafeSense.EmbeddedOrleans;

/// <summary>One grain class: how an instance is made, how its calls go together, and its activations by key.</summary>
internal sealed class GrainKind : CallDirectory
{
    private readonly TargetTable targets = new();
    private readonly Func<string, ICallTarget> makeTarget;
    private readonly ConstructorInvoker constructor;
    private readonly Func<Activation, object?>[] arguments;
    private readonly int workers;
    private readonly bool filtersItself;

    public GrainKind(ActorHost host, Type type, int defaultWorkers)
        : base(host)
    {
        var constructors = type.GetConstructors();
        if (constructors.Length != 1) throw new ArgumentException($"{type} has {constructors.Length} public constructors; a grain has one");
        constructor = ConstructorInvoker.Create(constructors[0]);
        arguments = [.. constructors[0].GetParameters().Select(Argument)];
        IsReentrant = type.GetCustomAttribute<ReentrantAttribute>() is not null;
        IsRemindable = typeof(IRemindable).IsAssignableFrom(type);
        filtersItself = typeof(IIncomingGrainCallFilter).IsAssignableFrom(type);
        workers = type.GetCustomAttribute<StatelessWorkerAttribute>() is not { } stateless ? 0
            : stateless.MaxLocalWorkers < 1 ? defaultWorkers : stateless.MaxLocalWorkers;
        makeTarget = workers > 0 ? key => new StatelessWorkers(this, key, workers) : key => new Activation(this, key);
        Type = GrainType.Create(NameOf(type));
        Interfaces = [.. type.GetInterfaces().Where(i => typeof(IGrain).IsAssignableFrom(i) && !IsOfOrleans(i))];
    }

    public GrainType Type { get; }
    public bool IsReentrant { get; }
    public bool IsRemindable { get; }
    public IReadOnlyList<Type> Interfaces { get; }

    public IEnumerable<Activation> Activations => targets.All.SelectMany(t => t is StatelessWorkers pool ? pool.Activations : [(Activation)t]);

    public override GrainId IdOf(string key) => GrainId.Create(Type, IdSpan.Create(key));

    public override ICallTarget? Deliver(string key, ICall call, Activation? sender)
    {
        while (true)
        {
            if (Host.Refuses(sender))
            {
                call.Fail(new ObjectDisposedException(nameof(ActorHost), $"{call.Name} on {IdOf(key)}: the host has stopped"));
                return null;
            }
            var target = targets.GetOrAdd(key, makeTarget);
            if (target.TryDeliver(call)) return target;
            targets.Remove(key, target);
        }
    }

    public Grain Create(Activation activation)
    {
        if (arguments.Length == 0) return (Grain)constructor.Invoke();
        var values = new object?[arguments.Length];
        for (var i = 0; i < values.Length; i++) values[i] = arguments[i](activation);
        return (Grain)constructor.Invoke(values.AsSpan());
    }

    /// <summary>Filters that see the calls of an activation; null where there are none, so that most calls ask once.</summary>
    public IReadOnlyList<IIncomingGrainCallFilter>? FiltersOf(Activation activation) =>
        filtersItself ? [.. Host.Incoming, (IIncomingGrainCallFilter)activation.Instance] : Host.Incoming.Length > 0 ? Host.Incoming : null;

    public void Remove(Activation activation)
    {
        if (workers == 0) targets.Remove(activation.Key, activation);
        else if (targets.TryGet(activation.Key, out var pool)) ((StatelessWorkers)pool).Remove(activation);
    }

    /// <summary>As Orleans names it: the class's name in lower case without a trailing "grain".</summary>
    private static string NameOf(Type type)
    {
        var name = type.Name.ToLowerInvariant();
        return name.EndsWith("grain", StringComparison.Ordinal) && name.Length > 5 ? name[..^5] : name;
    }

    private static bool IsOfOrleans(Type type) => type.Assembly == typeof(IGrain).Assembly && type != typeof(IRemindable);

    private Func<Activation, object?> Argument(ParameterInfo parameter)
    {
        if (parameter.GetCustomAttribute<PersistentStateAttribute>() is not { } state)
        {
            var type = parameter.ParameterType;
            return activation => activation.Host.Services.GetRequiredService(type);
        }
        if (!parameter.ParameterType.IsGenericType || parameter.ParameterType.GetGenericTypeDefinition() != typeof(IPersistentState<>))
            throw new ArgumentException($"{parameter.Member.DeclaringType}: {parameter.Name} has [PersistentState] but is no IPersistentState<T>");
        var facet = ConstructorInvoker.Create(typeof(PersistentStateFacet<>).MakeGenericType(parameter.ParameterType.GetGenericArguments()).GetConstructors()[0]);
        var storage = new Lazy<IGrainStorage>(() => state.StorageName is { } name
            ? Host.Services.GetRequiredKeyedService<IGrainStorage>(name)
            : Host.Services.GetRequiredService<IGrainStorage>());
        return activation =>
        {
            var made = (PersistentStateFacet)facet.Invoke(activation, state.StateName, storage.Value);
            Activation.AddState(made);
            return made;
        };
    }
}
