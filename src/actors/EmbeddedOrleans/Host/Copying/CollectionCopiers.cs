using System.Collections.Immutable;

namespace CitySafeSense.EmbeddedOrleans;

/// <summary>Copiers of the collections that messages are made of.</summary>
internal static class CollectionCopiers
{
    private static readonly Dictionary<Type, Type> ByDefinition = new()
    {
        [typeof(List<>)] = typeof(ListCopier<>),
        [typeof(Dictionary<,>)] = typeof(DictionaryCopier<,>),
        [typeof(SortedDictionary<,>)] = typeof(SortedDictionaryCopier<,>),
        [typeof(HashSet<>)] = typeof(HashSetCopier<>),
        [typeof(SortedSet<>)] = typeof(SortedSetCopier<>),
        [typeof(Queue<>)] = typeof(QueueCopier<>),
        [typeof(KeyValuePair<,>)] = typeof(PairCopier<,>),
        [typeof(Nullable<>)] = typeof(NullableCopier<>),
        [typeof(ValueTuple<,>)] = typeof(TupleCopier<,>),
        [typeof(ValueTuple<,,>)] = typeof(TupleCopier<,,>),
        [typeof(ValueTuple<,,,>)] = typeof(TupleCopier<,,,>),
        [typeof(ImmutableArray<>)] = typeof(ImmutableArrayCopier<>),
        [typeof(ImmutableList<>)] = typeof(ImmutableListCopier<>),
    };

    public static Type? Of(Type definition) => ByDefinition.GetValueOrDefault(definition);
}

/// <summary>The value itself.</summary>
internal sealed class SharingCopier<T> : Copier<T>
{
    public override T Copy(T original, CopyContext context) => original;
}

internal sealed class ArrayCopier<T> : Copier<T[]>
{
    public override T[] Copy(T[] original, CopyContext context)
    {
        var copy = new T[original.Length];
        context.Record(original, copy);
        if (!System.Runtime.CompilerServices.RuntimeHelpers.IsReferenceOrContainsReferences<T>()) original.CopyTo(copy, 0);
        else for (var i = 0; i < copy.Length; i++) copy[i] = context.Copy(original[i]);
        return copy;
    }
}

/// <summary>A collection that is made empty and then filled, so that what it holds may refer to it.</summary>
internal abstract class FilledCopier<TCollection, T> : Copier<TCollection>
    where TCollection : class, IEnumerable<T>
{
    public override TCollection Copy(TCollection original, CopyContext context)
    {
        var copy = Empty(original);
        context.Record(original, copy);
        foreach (var item in original) Add(copy, context.Copy(item));
        return copy;
    }

    protected abstract TCollection Empty(TCollection original);

    protected virtual void Add(TCollection copy, T item) => ((ICollection<T>)copy).Add(item);
}

internal sealed class ListCopier<T> : FilledCopier<List<T>, T>
{
    protected override List<T> Empty(List<T> original) => new(original.Count);
}

internal sealed class DictionaryCopier<TKey, TValue> : FilledCopier<Dictionary<TKey, TValue>, KeyValuePair<TKey, TValue>>
    where TKey : notnull
{
    protected override Dictionary<TKey, TValue> Empty(Dictionary<TKey, TValue> original) => new(original.Count, original.Comparer);
}

internal sealed class SortedDictionaryCopier<TKey, TValue> : FilledCopier<SortedDictionary<TKey, TValue>, KeyValuePair<TKey, TValue>>
    where TKey : notnull
{
    protected override SortedDictionary<TKey, TValue> Empty(SortedDictionary<TKey, TValue> original) => new(original.Comparer);
}

internal sealed class HashSetCopier<T> : FilledCopier<HashSet<T>, T>
{
    protected override HashSet<T> Empty(HashSet<T> original) => new(original.Count, original.Comparer);
}

internal sealed class SortedSetCopier<T> : FilledCopier<SortedSet<T>, T>
{
    protected override SortedSet<T> Empty(SortedSet<T> original) => new(original.Comparer);
}

internal sealed class QueueCopier<T> : FilledCopier<Queue<T>, T>
{
    protected override Queue<T> Empty(Queue<T> original) => new(original.Count);

    protected override void Add(Queue<T> copy, T item) => copy.Enqueue(item);
}

internal sealed class PairCopier<TKey, TValue> : Copier<KeyValuePair<TKey, TValue>>
{
    public override KeyValuePair<TKey, TValue> Copy(KeyValuePair<TKey, TValue> original, CopyContext context) => new(context.Copy(original.Key), context.Copy(original.Value));
}

internal sealed class ImmutableArrayCopier<T> : Copier<ImmutableArray<T>>
{
    public override ImmutableArray<T> Copy(ImmutableArray<T> original, CopyContext context) => original.IsDefault ? original : [.. original.Select(context.Copy)];
}

internal sealed class ImmutableListCopier<T> : Copier<ImmutableList<T>>
{
    public override ImmutableList<T> Copy(ImmutableList<T> original, CopyContext context) => [.. original.Select(context.Copy)];
}

internal sealed class NullableCopier<T> : Copier<T?>
    where T : struct
{
    public override T? Copy(T? original, CopyContext context) => original is { } value ? context.Copy(value) : null;
}

internal sealed class TupleCopier<T1, T2> : Copier<(T1, T2)>
{
    public override (T1, T2) Copy((T1, T2) original, CopyContext context) => (context.Copy(original.Item1), context.Copy(original.Item2));
}

internal sealed class TupleCopier<T1, T2, T3> : Copier<(T1, T2, T3)>
{
    public override (T1, T2, T3) Copy((T1, T2, T3) original, CopyContext context) => (context.Copy(original.Item1), context.Copy(original.Item2), context.Copy(original.Item3));
}

internal sealed class TupleCopier<T1, T2, T3, T4> : Copier<(T1, T2, T3, T4)>
{
    public override (T1, T2, T3, T4) Copy((T1, T2, T3, T4) original, CopyContext context) =>
        (context.Copy(original.Item1), context.Copy(original.Item2), context.Copy(original.Item3), context.Copy(original.Item4));
}
