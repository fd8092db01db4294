using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;
using Orleans.Storage;

namespace CitySafeSense.EmbeddedOrleans;

/// <summary>What is known of a grain class: its type name, how an instance is made, whether its calls interleave.</summary>
internal sealed class GrainKind
{
    private readonly ConstructorInfo constructor;
    private readonly Func<Activation, object?>[] arguments;

    public GrainKind(Type type)
    {
        var constructors = type.GetConstructors();
        if (constructors.Length != 1) throw new ArgumentException($"{type} has {constructors.Length} public constructors; a grain has one");
        constructor = constructors[0];
        arguments = [.. constructor.GetParameters().Select(Argument)];
        IsReentrant = type.GetCustomAttribute<ReentrantAttribute>() is not null;
        Type = GrainType.Create(NameOf(type));
        Interfaces = [.. type.GetInterfaces().Where(i => i != typeof(IGrain) && typeof(IGrain).IsAssignableFrom(i) && !IsKeyKind(i))];
    }

    public GrainType Type { get; }
    public bool IsReentrant { get; }
    public IReadOnlyList<Type> Interfaces { get; }

    public Grain Create(Activation activation)
    {
        var values = new object?[arguments.Length];
        for (var i = 0; i < values.Length; i++) values[i] = arguments[i](activation);
        return (Grain)constructor.Invoke(BindingFlags.DoNotWrapExceptions, null, values, null);
    }

    /// <summary>As Orleans names it: the class's name in lower case without a trailing "grain".</summary>
    private static string NameOf(Type type)
    {
        var name = type.Name.ToLowerInvariant();
        return name.EndsWith("grain", StringComparison.Ordinal) && name.Length > 5 ? name[..^5] : name;
    }

    private static bool IsKeyKind(Type type) => type == typeof(IGrainWithStringKey) || type == typeof(IGrainWithIntegerKey) || type == typeof(IGrainWithGuidKey);

    private static Func<Activation, object?> Argument(ParameterInfo parameter)
    {
        if (parameter.GetCustomAttribute<PersistentStateAttribute>() is not { } state)
            return activation => activation.Host.Services.GetRequiredService(parameter.ParameterType);
        if (!parameter.ParameterType.IsGenericType || parameter.ParameterType.GetGenericTypeDefinition() != typeof(IPersistentState<>))
            throw new ArgumentException($"{parameter.Member.DeclaringType}: {parameter.Name} has [PersistentState] but is no IPersistentState<T>");
        var facet = typeof(PersistentStateFacet<>).MakeGenericType(parameter.ParameterType.GetGenericArguments());
        return activation =>
        {
            var storage = state.StorageName is { } name
                ? activation.Host.Services.GetRequiredKeyedService<IGrainStorage>(name)
                : activation.Host.Services.GetRequiredService<IGrainStorage>();
            var made = (PersistentStateFacet)Activator.CreateInstance(facet, activation, state.StateName, storage)!;
            activation.AddState(made);
            return made;
        };
    }
}
