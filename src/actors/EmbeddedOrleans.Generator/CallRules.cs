using Microsoft.CodeAnalysis;

namespace CitySafeSense.EmbeddedOrleans.Generator;

internal enum CallResult
{
    NotATask,
    Task,
    TaskOf,
    ValueTask,
    ValueTaskOf,

    /// <summary>Nothing to wait for: allowed to observers.</summary>
    Void,
}

/// <summary>What a method of a grain or an observer may look like.</summary>
internal static class CallRules
{
    public static IEnumerable<Diagnostic> Problems(IMethodSymbol method, MessageRules rules)
    {
        var location = method.Locations.FirstOrDefault();
        if (Result(method) == CallResult.NotATask) yield return Diagnostic.Create(Diagnostics.NotATask, location, method.ToDisplayString());
        if (method.IsGenericMethod) yield return Diagnostic.Create(Diagnostics.Generic, location, method.ToDisplayString());
        foreach (var parameter in method.Parameters)
            if (rules.Problem(parameter.Type) is { } problem)
                yield return Diagnostic.Create(Diagnostics.CannotCross, parameter.Locations.FirstOrDefault(), method.ToDisplayString(), problem);
        if (Payload(method) is { } payload && rules.Problem(payload) is { } wrong)
            yield return Diagnostic.Create(Diagnostics.CannotCross, location, method.ToDisplayString(), wrong);
    }

    public static CallResult Result(IMethodSymbol method) => method.ReturnType.OriginalDefinition.ToDisplayString() switch
    {
        "System.Threading.Tasks.Task" => CallResult.Task,
        "System.Threading.Tasks.Task<TResult>" => CallResult.TaskOf,
        "System.Threading.Tasks.ValueTask" => CallResult.ValueTask,
        "System.Threading.Tasks.ValueTask<TResult>" => CallResult.ValueTaskOf,
        "void" when method.ContainingType.Implements("Orleans.IGrainObserver") => CallResult.Void,
        _ => CallResult.NotATask,
    };

    /// <summary>What the task holds, if anything.</summary>
    public static ITypeSymbol? Payload(IMethodSymbol method) => (method.ReturnType as INamedTypeSymbol)?.TypeArguments.FirstOrDefault();

    /// <summary>As source text of CallTraits.</summary>
    public static string Traits(IMethodSymbol method)
    {
        string[] traits =
        [
            .. method.Has("AlwaysInterleaveAttribute") ? ["Interleaves"] : Array.Empty<string>(),
            .. method.Has("ReadOnlyAttribute") ? ["ReadOnly"] : Array.Empty<string>(),
            .. IsOneWay(method) ? ["OneWay"] : Array.Empty<string>(),
        ];
        const string Type = "global::CitySafeSense.EmbeddedOrleans.CallTraits.";
        return traits.Length == 0 ? Type + "None" : string.Join(" | ", traits.Select(t => Type + t));
    }

    public static bool IsOneWay(IMethodSymbol method) => method.Has("OneWayAttribute") || method.ReturnsVoid;
}
