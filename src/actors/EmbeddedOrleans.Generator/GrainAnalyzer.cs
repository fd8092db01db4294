using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace CitySafeSense.EmbeddedOrleans.Generator;

/// <summary>What a grain class may not do: leave its turn, or keep a state that could not be stored by name and number.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class GrainAnalyzer : DiagnosticAnalyzer
{
    private const string Stay = "await what it calls, or hand long work to a port";

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Diagnostics.LeavesTurn, Diagnostics.CannotCross];

    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterOperationAction(Invocation, OperationKind.Invocation);
        context.RegisterOperationAction(FieldReference, OperationKind.FieldReference);
        context.RegisterSymbolAction(States, SymbolKind.NamedType);
    }

    private static bool IsGrain(INamedTypeSymbol? type)
    {
        for (; type is not null; type = type.ContainingType)
            if (type.DerivesFrom("Orleans.Grain")) return true;
        return false;
    }

    private static void Invocation(OperationAnalysisContext context)
    {
        if (!IsGrain(context.ContainingSymbol.ContainingType)) return;
        var invocation = (IInvocationOperation)context.Operation;
        var method = invocation.TargetMethod;
        var type = method.ContainingType.OriginalDefinition.ToDisplayString();
        var leaves = method.Name switch
        {
            "Run" => type == "System.Threading.Tasks.Task",
            "ConfigureAwait" => type.StartsWith("System.Threading.Tasks.", StringComparison.Ordinal) && invocation.Arguments.FirstOrDefault()?.Value.ConstantValue is { HasValue: true, Value: false },
            "QueueUserWorkItem" or "UnsafeQueueUserWorkItem" => type == "System.Threading.ThreadPool",
            _ => false,
        };
        if (leaves) context.ReportDiagnostic(Diagnostic.Create(Diagnostics.LeavesTurn, invocation.Syntax.GetLocation(), $"{method.ContainingType.Name}.{method.Name}", Stay));
    }

    /// <summary>Continuations that run asynchronously pass by a thread of the pool before they come back, which no seed decides.</summary>
    private static void FieldReference(OperationAnalysisContext context)
    {
        var field = ((IFieldReferenceOperation)context.Operation).Field;
        if (field.Name == "RunContinuationsAsynchronously" && IsGrain(context.ContainingSymbol.ContainingType))
            context.ReportDiagnostic(Diagnostic.Create(Diagnostics.LeavesTurn, context.Operation.Syntax.GetLocation(), field.Name, "a grain's continuations come back to its turn without it"));
    }

    private static void States(SymbolAnalysisContext context)
    {
        var type = (INamedTypeSymbol)context.Symbol;
        if (!type.DerivesFrom("Orleans.Grain")) return;
        MessageRules? rules = null;
        foreach (var parameter in type.InstanceConstructors.SelectMany(c => c.Parameters).Where(p => p.Has("PersistentStateAttribute")))
        {
            if ((parameter.Type as INamedTypeSymbol)?.TypeArguments.FirstOrDefault() is not { } state) continue;
            if ((rules ??= new MessageRules(context.Compilation)).Problem(state) is { } problem)
                context.ReportDiagnostic(Diagnostic.Create(Diagnostics.CannotCross, parameter.Locations.FirstOrDefault(), $"{type.Name}.{parameter.Name}", problem));
        }
    }
}
