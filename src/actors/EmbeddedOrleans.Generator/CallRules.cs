using Microsoft.CodeAnalysis;

namespace CitySafeSense.EmbeddedOrleans.Generator;

internal enum CallResult
{
    NotATask,
    Task,
    TaskOf,
    ValueTask,
    ValueTaskOf,
}

/// <summary>
/// What a grain method may look like. Arguments and results must be values that nobody can change afterwards, so that handing
/// over the object is the same as copying it; Orleans would copy the rest, this host refuses it.
/// </summary>
internal static class CallRules
{
    private static readonly DiagnosticDescriptor NotATask = new(
        "CSS001", "Grain methods are asynchronous", "{0} must return Task, Task<T>, ValueTask or ValueTask<T>", "Grains", DiagnosticSeverity.Error, true);

    private static readonly DiagnosticDescriptor Mutable = new(
        "CSS002", "Calls carry immutable values", "{0}: {1} could be changed after it is sent; mark its type [Immutable] or use an immutable collection", "Grains", DiagnosticSeverity.Error, true);

    private static readonly HashSet<string> Values =
    [
        "string", "System.DateTimeOffset", "System.DateTime", "System.TimeSpan", "System.Guid", "System.Threading.CancellationToken",
    ];

    public static IEnumerable<Diagnostic> Problems(IMethodSymbol method)
    {
        if (Result(method) == CallResult.NotATask)
            yield return Diagnostic.Create(NotATask, method.Locations.FirstOrDefault(), method.ToDisplayString());
        foreach (var parameter in method.Parameters)
            if (!IsImmutable(parameter.Type))
                yield return Diagnostic.Create(Mutable, parameter.Locations.FirstOrDefault(), method.ToDisplayString(), parameter.Type.ToDisplayString());
        if (Payload(method) is { } payload && !IsImmutable(payload))
            yield return Diagnostic.Create(Mutable, method.Locations.FirstOrDefault(), method.ToDisplayString(), payload.ToDisplayString());
    }

    public static CallResult Result(IMethodSymbol method) => method.ReturnType.OriginalDefinition.ToDisplayString() switch
    {
        "System.Threading.Tasks.Task" => CallResult.Task,
        "System.Threading.Tasks.Task<TResult>" => CallResult.TaskOf,
        "System.Threading.Tasks.ValueTask" => CallResult.ValueTask,
        "System.Threading.Tasks.ValueTask<TResult>" => CallResult.ValueTaskOf,
        _ => CallResult.NotATask,
    };

    /// <summary>What the task holds, if anything.</summary>
    public static ITypeSymbol? Payload(IMethodSymbol method) => (method.ReturnType as INamedTypeSymbol)?.TypeArguments.FirstOrDefault();

    public static bool Has(ISymbol symbol, string attribute) =>
        symbol.GetAttributes().Any(a => a.AttributeClass?.Name == attribute && a.AttributeClass.ContainingNamespace.ToDisplayString().StartsWith("Orleans", System.StringComparison.Ordinal));

    private static bool IsImmutable(ITypeSymbol type)
    {
        if (type.SpecialType is >= SpecialType.System_Boolean and <= SpecialType.System_String) return true;
        if (type.TypeKind == TypeKind.Enum || Has(type, "ImmutableAttribute")) return true;
        if (type.AllInterfaces.Any(i => i.ToDisplayString() == "Orleans.IAddressable")) return true;
        if (type is not INamedTypeSymbol named) return false;
        var definition = named.OriginalDefinition.ToDisplayString();
        if (Values.Contains(definition)) return true;
        var isContainer = definition == "T?" || definition.StartsWith("System.Collections.Immutable.Immutable", System.StringComparison.Ordinal)
            || named.IsTupleType;
        return isContainer && named.TypeArguments.All(IsImmutable);
    }
}
