using Microsoft.CodeAnalysis;

namespace CitySafeSense.EmbeddedOrleans.Generator;

/// <summary>A field of a message, or the property in front of it.</summary>
internal sealed class MessageMember(IFieldSymbol symbol)
{
    private readonly ISymbol declared = symbol.AssociatedSymbol ?? symbol;

    public string Name => declared.Name;
    public string Field => symbol.Name;
    public INamedTypeSymbol Owner => symbol.ContainingType;
    public ITypeSymbol Type => symbol.Type;
    public Location? Location => declared.Locations.FirstOrDefault();
    public string Accessor => $"{Owner.Name}_{Name}";
    public uint? Id => declared.Attribute("IdAttribute")?.ConstructorArguments[0].Value as uint?;

    /// <summary>Not sent, by intent: the copy has its default.</summary>
    public bool IsLeftOut => symbol.GetAttributes().Any(a => a.AttributeClass?.ToDisplayString() == "System.NonSerializedAttribute");

    /// <summary>A parameter of a record's header: its place is its number.</summary>
    public bool IsPositional => Owner.IsRecord && Owner.InstanceConstructors.Any(c => c.Parameters.Any(p => p.Name == Name && p.DeclaringSyntaxReferences.Any(
        r => declared.DeclaringSyntaxReferences.Any(d => d.SyntaxTree == r.SyntaxTree && d.Span == r.Span))));
}
