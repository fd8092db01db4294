using System.Reflection;

namespace CitySafeSense.EmbeddedOrleans;

/// <summary>What is known of a grain interface's method, once for all calls of it.</summary>
public sealed class GrainMethod(Type grainInterface, string name, Type[] parameters, CallTraits traits)
{
    private readonly string text = $"{grainInterface.Name}.{name}";
    private MethodInfo? info;

    public Type Interface { get; } = grainInterface;
    public string Name { get; } = name;
    public CallTraits Traits { get; } = traits;

    /// <summary>Looked up when a filter asks for it.</summary>
    public MethodInfo Info => info ??= Interface.GetMethod(Name, parameters) ?? throw new MissingMethodException(Interface.FullName, Name);

    public override string ToString() => text;
}
