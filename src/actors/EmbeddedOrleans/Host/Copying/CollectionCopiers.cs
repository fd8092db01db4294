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

internal sealed class ListCopier<T> : Copier<List<T>>
{
    public override List<T> Copy(List<T> original, CopyContext context)
    {
        var copy = new List<T>(original.Count);
        context.Record(original, copy);
        foreach (var item in original) copy.Add(context.Copy(item));
        return copy;
    }
}

internal sealed class DictionaryCopier<TKey, TValue> : Copier<Dictionary<TKey, TValue>>
    where TKey : notnull
{
    public override Dictionary<TKey, TValue> Copy(Dictionary<TKey, TValue> original, CopyContext context)
    {
        var copy = new Dictionary<TKey, TValue>(original.Count, original.Comparer);
        context.Record(original, copy);
        foreach (var (key, value) in original) copy.Add(context.Copy(key), context.Copy(value));
        return copy;
    }
}

internal sealed class SortedDictionaryCopier<TKey, TValue> : Copier<SortedDictionary<TKey, TValue>>
    where TKey : notnull
{
    public override SortedDictionary<TKey, TValue> Copy(SortedDictionary<TKey, TValue> original, CopyContext context)
    {
        var copy = new SortedDictionary<TKey, TValue>(original.Comparer);
        context.Record(original, copy);
        foreach (var (key, value) in original) copy.Add(context.Copy(key), context.Copy(value));
        return copy;
    }
}

internal sealed class HashSetCopier<T> : Copier<HashSet<T>>
{
    public override HashSet<T> Copy(HashSet<T> original, CopyContext context)
    {
        var copy = new HashSet<T>(original.Count, original.Comparer);
        context.Record(original, copy);
        foreach (var item in original) copy.Add(context.Copy(item));
        return copy;
    }
}

internal sealed class SortedSetCopier<T> : Copier<SortedSet<T>>
{
    public override SortedSet<T> Copy(SortedSet<T> original, CopyContext context)
    {
        var copy = new SortedSet<T>(original.Comparer);
        context.Record(original, copy);
        foreach (var item in original) copy.Add(context.Copy(item));
        return copy;
    }
}

internal sealed class QueueCopier<T> : Copier<Queue<T>>
{
    public override Queue<T> Copy(Queue<T> original, CopyContext context)
    {
        var copy = new Queue<T>(original.Count);
        context.Record(original, copy);
        foreach (var item in original) copy.Enqueue(context.Copy(item));
        return copy;
    }
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
