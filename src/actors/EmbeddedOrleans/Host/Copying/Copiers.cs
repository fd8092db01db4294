using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.CompilerServices;
using Orleans;
using Orleans.Serialization;

namespace CitySafeSense.EmbeddedOrleans;

/// <summary>The copiers of a host: those generated for its assemblies, and those of the collections of .NET. Looked up by type once, then kept.</summary>
internal sealed class Copiers
{
    private readonly ConcurrentDictionary<Type, Copier> copiers = new();
    private readonly Dictionary<Type, Type> generated = [];

    public Copiers(IEnumerable<Assembly> assemblies)
    {
        foreach (var assembly in assemblies.Distinct())
            foreach (var attribute in assembly.GetCustomAttributes<CopierAttribute>())
                generated[attribute.Type] = attribute.Copier;
    }

    public Copier<T> Of<T>() => (Copier<T>)OfRuntimeType(typeof(T));

    public Copier OfRuntimeType(Type type) => copiers.TryGetValue(type, out var known) ? known : copiers.GetOrAdd(type, Find);

    private Copier Find(Type type)
    {
        if (IsShared(type) || type == typeof(object)) return Make(typeof(SharingCopier<>), type);
        if (generated.TryGetValue(type, out var found)) return (Copier)Activator.CreateInstance(found)!;
        if (type.IsArray && type.GetArrayRank() == 1) return Make(typeof(ArrayCopier<>), type.GetElementType()!);
        if (type.IsConstructedGenericType)
        {
            var (definition, arguments) = (type.GetGenericTypeDefinition(), type.GetGenericArguments());
            if (generated.TryGetValue(definition, out var open)) return Make(open, arguments);
            if (CollectionCopiers.Of(definition) is { } collection) return Make(collection, arguments);
        }
        throw new CodecNotFoundException($"{type} goes into a call and nothing says how to copy it: give it [GenerateSerializer], mark it [Immutable], or register a surrogate");
    }

    private static Copier Make(Type open, params Type[] arguments) => (Copier)Activator.CreateInstance(open.MakeGenericType(arguments))!;

    /// <summary>What nobody can change, or what is meant to be the same on both sides.</summary>
    private static bool IsShared(Type type) =>
        type.IsPrimitive || type.IsEnum || type == typeof(string) || type == typeof(decimal) || type == typeof(DateTime) || type == typeof(DateTimeOffset) || type == typeof(TimeSpan)
        || type == typeof(DateOnly) || type == typeof(TimeOnly) || type == typeof(Guid) || type == typeof(Uri) || type == typeof(Version) || type == typeof(CancellationToken)
        || typeof(Type).IsAssignableFrom(type) || typeof(GrainReference).IsAssignableFrom(type) || typeof(Exception).IsAssignableFrom(type)
        || type.GetCustomAttribute<ImmutableAttribute>(inherit: false) is not null
        || (type.IsConstructedGenericType && type.Namespace == typeof(ImmutableArray).Namespace && type.Name.StartsWith("Immutable", StringComparison.Ordinal) && type.GetGenericArguments().All(IsShared))
        || (typeof(ITuple).IsAssignableFrom(type) && type.IsValueType && type.GetGenericArguments().All(IsShared))
        || Nullable.GetUnderlyingType(type) is { } underlying && IsShared(underlying);
}
