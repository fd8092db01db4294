namespace CitySafeSense.EmbeddedOrleans;

/// <summary>First in, first out; holds one without allocating, because a million idle activations each have several. Not for several threads.</summary>
internal struct SmallQueue<T>
    where T : class
{
    private const int KeptCapacity = 64;
    private T? first;
    private Queue<T>? rest;

    public readonly bool IsEmpty => first is null;

    public readonly int Count => first is null ? 0 : 1 + (rest?.Count ?? 0);

    public readonly T? Peek => first;

    public void Enqueue(T item)
    {
        if (first is null) first = item;
        else (rest ??= new Queue<T>()).Enqueue(item);
    }

    public T? Dequeue()
    {
        var item = first;
        if (rest is null || !rest.TryDequeue(out first)) first = null;
        if (first is null && rest?.Capacity > KeptCapacity) rest = null;
        return item;
    }

    /// <summary>Everything that waits, oldest first; the queue stays as it is.</summary>
    public readonly IEnumerable<T> Waiting
    {
        get
        {
            if (first is not { } one) yield break;
            yield return one;
            foreach (var item in rest ?? []) yield return item;
        }
    }

    /// <summary>Gives back what a busy time has left behind.</summary>
    public void Trim()
    {
        if (rest?.Count == 0) rest = null;
    }

    public void Clear() => (first, rest) = (null, null);
}
