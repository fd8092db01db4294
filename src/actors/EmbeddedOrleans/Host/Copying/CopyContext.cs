using System.Runtime.CompilerServices;

namespace CitySafeSense.EmbeddedOrleans;

/// <summary>One copy in the making: an object that is met twice is copied once, so that shared parts stay shared and rings end.</summary>
public sealed class CopyContext
{
    private readonly Copiers copiers;
    private Dictionary<object, object>? made;

    internal CopyContext(Copiers copiers) => this.copiers = copiers;

    public T Copy<T>(T value)
    {
        if (value is null || RuntimeHelpers.IsReferenceOrContainsReferences<T>() is false) return value;
        if (typeof(T).IsValueType) return copiers.Of<T>().Copy(value, this);
        if (made?.TryGetValue(value, out var known) == true) return (T)known;
        return (T)copiers.OfRuntimeType(value.GetType()).CopyObject(value, this);
    }

    /// <summary>To be said before the parts of a copy are copied: one of them may lead back to it.</summary>
    public void Record(object original, object copy) => (made ??= new(ReferenceEqualityComparer.Instance))[original] = copy;
}

/// <summary>Copies values of one type, without its type being known.</summary>
public abstract class Copier
{
    internal abstract object CopyObject(object original, CopyContext context);
}

/// <summary>Copies values of one type; generated for types with [GenerateSerializer].</summary>
public abstract class Copier<T> : Copier
{
    public abstract T Copy(T original, CopyContext context);

    internal sealed override object CopyObject(object original, CopyContext context) => Copy((T)original, context)!;
}

/// <summary>Names the generated copier of a type.</summary>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public sealed class CopierAttribute(Type type, Type copier) : Attribute
{
    public Type Type { get; } = type;
    public Type Copier { get; } = copier;
}
