using Microsoft.CodeAnalysis;

namespace CitySafeSense.EmbeddedOrleans.Generator;

/// <summary>
/// What may cross a call. Nobody can change what is shared; the rest is copied, for which it must be known how. The rules are
/// those of Orleans, except that Orleans finds some of it out when the call is made.
/// </summary>
internal sealed class MessageRules(Compilation compilation)
{
    private static readonly HashSet<string> Values =
    [
        "object", "System.DateTimeOffset", "System.DateTime", "System.TimeSpan", "System.DateOnly", "System.TimeOnly", "System.Guid", "System.Uri", "System.Version", "System.Type",
        "System.Threading.CancellationToken",
    ];

    private static readonly HashSet<string> Collections =
    [
        "System.Collections.Generic.List<T>", "System.Collections.Generic.Dictionary<TKey, TValue>", "System.Collections.Generic.SortedDictionary<TKey, TValue>",
        "System.Collections.Generic.HashSet<T>", "System.Collections.Generic.SortedSet<T>", "System.Collections.Generic.Queue<T>",
        "System.Collections.Generic.KeyValuePair<TKey, TValue>", "System.Collections.Generic.IReadOnlyList<T>", "System.Collections.Generic.IReadOnlyCollection<T>",
        "System.Collections.Generic.IReadOnlyDictionary<TKey, TValue>", "System.Collections.Generic.IEnumerable<T>", "System.Collections.Generic.IList<T>",
        "System.Collections.Generic.ICollection<T>", "System.Collections.Generic.IDictionary<TKey, TValue>", "System.Collections.Generic.ISet<T>", "System.Collections.Generic.IReadOnlySet<T>",
    ];

    private readonly HashSet<ISymbol> converted = new(Converted(compilation), SymbolEqualityComparer.Default);

    /// <summary>True if the receiver may have the object itself.</summary>
    public bool IsShared(ITypeSymbol type)
    {
        if (type.SpecialType is >= SpecialType.System_Boolean and <= SpecialType.System_String || type.TypeKind == TypeKind.Enum) return true;
        if (type.Has("ImmutableAttribute") || IsAddressable(type)) return true;
        if (type is not INamedTypeSymbol named) return false;
        var definition = named.OriginalDefinition.ToDisplayString();
        return (Values.Contains(definition) && definition != "object") || (IsTransparent(named, definition) && named.TypeArguments.All(IsShared));
    }

    /// <summary>Why a type cannot cross; null if it can.</summary>
    public string? Problem(ITypeSymbol type)
    {
        if (type.SpecialType is >= SpecialType.System_Boolean and <= SpecialType.System_String || type.TypeKind is TypeKind.Enum or TypeKind.TypeParameter) return null;
        if (IsAddressable(type) || type.DerivesFrom("System.Exception") || type.ToDisplayString() == "System.Exception") return null;
        if (type is IArrayTypeSymbol array) return array.Rank == 1 ? Problem(array.ElementType) : $"{type.ToDisplayString()} is an array of more than one dimension";
        if (type is not INamedTypeSymbol named) return $"{type.ToDisplayString()} is nothing that can be copied";
        var definition = named.OriginalDefinition.ToDisplayString();
        if (Values.Contains(definition)) return null;
        if (IsTransparent(named, definition) && !IsShared(named) && !HasCopier(named, definition)) return $"{type.ToDisplayString()} holds what can be changed, and there is no copier for such a collection";
        if (IsTransparent(named, definition) || Collections.Contains(definition)) return named.TypeArguments.Select(Problem).FirstOrDefault(p => p is not null);
        if (converted.Contains(named.OriginalDefinition)) return null;
        if (!named.Has("GenerateSerializerAttribute")) return $"{type.ToDisplayString()} has neither [GenerateSerializer] nor a registered surrogate";
        return named.TypeArguments.Select(Problem).FirstOrDefault(p => p is not null);
    }

    /// <summary>A grain or an observer: what crosses is a reference to it.</summary>
    public static bool IsAddressable(ITypeSymbol type) => type.ToDisplayString() == "Orleans.Runtime.IAddressable" || type.Implements("Orleans.Runtime.IAddressable");

    /// <summary>Of the transparent ones, those that are copied where what they hold is not shared.</summary>
    private static bool HasCopier(INamedTypeSymbol type, string definition) =>
        type.IsTupleType ? type.TypeArguments.Length <= 4
            : type.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T
            || definition is "System.Collections.Immutable.ImmutableArray<T>" or "System.Collections.Immutable.ImmutableList<T>";

    /// <summary>As changeable as what it holds.</summary>
    private static bool IsTransparent(INamedTypeSymbol type, string definition) =>
        type.IsTupleType || type.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T || definition.StartsWith("System.Collections.Immutable.Immutable", System.StringComparison.Ordinal);

    /// <summary>Types for which a converter is registered: in this compilation, and with the copiers that were generated for those it refers to.</summary>
    private static IEnumerable<ISymbol> Converted(Compilation compilation)
    {
        foreach (var type in Types(compilation.Assembly.GlobalNamespace).Where(t => t.Has("RegisterConverterAttribute")))
            if (Converters.ValueOf(type) is { } value) yield return value.OriginalDefinition;
        foreach (var assembly in compilation.SourceModule.ReferencedAssemblySymbols)
            foreach (var attribute in assembly.GetAttributes())
                if (attribute.AttributeClass?.ToDisplayString() == "CitySafeSense.EmbeddedOrleans.CopierAttribute" && attribute.ConstructorArguments[0].Value is INamedTypeSymbol type)
                    yield return type.OriginalDefinition;
    }

    private static IEnumerable<INamedTypeSymbol> Types(INamespaceOrTypeSymbol within)
    {
        foreach (var member in within.GetMembers())
        {
            if (member is INamedTypeSymbol type) yield return type;
            if (member is not INamespaceOrTypeSymbol deeper) continue;
            foreach (var inner in Types(deeper)) yield return inner;
        }
    }
}

/// <summary>Classes with [RegisterConverter].</summary>
internal static class Converters
{
    /// <summary>The type that a converter stands in for.</summary>
    public static ITypeSymbol? ValueOf(INamedTypeSymbol converter) => Interface(converter)?.TypeArguments[0];

    public static ITypeSymbol? SurrogateOf(INamedTypeSymbol converter) => Interface(converter)?.TypeArguments[1];

    private static INamedTypeSymbol? Interface(INamedTypeSymbol converter) =>
        converter.AllInterfaces.FirstOrDefault(i => i.OriginalDefinition.ToDisplayString() == "Orleans.IConverter<TValue, TSurrogate>");
}
