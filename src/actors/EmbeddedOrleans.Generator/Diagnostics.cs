using Microsoft.CodeAnalysis;

namespace CitySafeSense.EmbeddedOrleans.Generator;

/// <summary>What is refused, and why.</summary>
internal static class Diagnostics
{
    public static readonly DiagnosticDescriptor NotATask = Error("CSS001", "Grain methods are asynchronous", "{0} must return Task, Task<T>, ValueTask or ValueTask<T>");
    public static readonly DiagnosticDescriptor CannotCross = Error("CSS002", "What crosses a call can be copied and sent", "{0}: {1}");
    public static readonly DiagnosticDescriptor NoId = Error("CSS003", "Every member of a message has a number", "{0} has no [Id]: it would not be sent; give it the next free one, or mark its field [NonSerialized]");
    public static readonly DiagnosticDescriptor DuplicateId = Error("CSS004", "No two members of a message have one number", "{0} has [Id({1})], which {2} has too");
    public static readonly DiagnosticDescriptor NoAlias = Error("CSS005", "Messages keep their name on the wire", "{0} has no [Alias]: renaming it would break what is stored or under way");
    public static readonly DiagnosticDescriptor LeavesTurn = Error("CSS006", "Grains stay on their turn", "{0} leaves the grain's turn; {1}");
    public static readonly DiagnosticDescriptor Generic = Error("CSS007", "Grain methods are not generic", "{0} has type parameters, which this host does not pass on");

    private static DiagnosticDescriptor Error(string id, string title, string message) => new(id, title, message, "Grains", DiagnosticSeverity.Error, isEnabledByDefault: true);
}
