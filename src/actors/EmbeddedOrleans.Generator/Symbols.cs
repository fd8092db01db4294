using Microsoft.CodeAnalysis;

namespace CitySafeSense.EmbeddedOrleans.Generator;

/// <summary>Questions about symbols that every rule asks.</summary>
internal static class Symbols
{
    /// <summary>How a type is written in generated code.</summary>
    public static readonly SymbolDisplayFormat Qualified =
        SymbolDisplayFormat.FullyQualifiedFormat.AddMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    public static bool Has(this ISymbol symbol, string attribute) => symbol.Attribute(attribute) is not null;

    /// <summary>An attribute of Orleans by its class name.</summary>
    public static AttributeData? Attribute(this ISymbol symbol, string attribute) =>
        symbol.GetAttributes().FirstOrDefault(a => a.AttributeClass?.Name == attribute && a.AttributeClass.ContainingNamespace.ToDisplayString().StartsWith("Orleans", System.StringComparison.Ordinal));

    public static bool Implements(this ITypeSymbol type, string definition) => type.AllInterfaces.Any(i => i.OriginalDefinition.ToDisplayString() == definition);

    public static bool DerivesFrom(this ITypeSymbol type, string definition)
    {
        for (var at = type.BaseType; at is not null; at = at.BaseType)
            if (at.ToDisplayString() == definition) return true;
        return false;
    }

    /// <summary>A name for a generated class, made from that of the type it is for.</summary>
    public static string FlatName(this ITypeSymbol type) =>
        new([.. type.OriginalDefinition.ToDisplayString().Select(c => char.IsLetterOrDigit(c) ? c : '_')]);
}
