using System.Diagnostics.CodeAnalysis;

namespace CitySafeSense.EmbeddedOrleans;

/// <summary>
/// Which call of an activation starts next: of those that go together with what runs, the one that came first. Ordinary calls
/// exclude each other, those that change nothing only ordinary ones, those that interleave nobody. Not for several threads.
/// </summary>
internal struct CallOrder(bool reentrant)
{
    private SmallQueue<ICall> ordinary, readOnly, interleaving;
    private int arrivals, writers, readers;

    /// <summary>Calls that have started and not ended.</summary>
    public int Running { get; private set; }

    public readonly bool HasWaiting => !ordinary.IsEmpty || !readOnly.IsEmpty || !interleaving.IsEmpty;

    public readonly int WaitingCount => ordinary.Count + readOnly.Count + interleaving.Count;

    public readonly IEnumerable<ICall> Waiting => ordinary.Waiting.Concat(readOnly.Waiting).Concat(interleaving.Waiting);

    public void Enqueue(ICall call)
    {
        call.Arrival = arrivals++;
        if (Interleaves(call)) interleaving.Enqueue(call);
        else if (call.Traits.HasFlag(CallTraits.ReadOnly)) readOnly.Enqueue(call);
        else ordinary.Enqueue(call);
    }

    /// <param name="ending">Nothing new starts, except what running calls may be waiting for.</param>
    public readonly bool HasStartable(bool ending) => FirstStartable(ending) != long.MaxValue;

    public bool TryStart(bool ending, [NotNullWhen(true)] out ICall? call)
    {
        var arrival = FirstStartable(ending);
        call = arrival == long.MaxValue ? null
            : interleaving.Peek?.Arrival == arrival ? interleaving.Dequeue()
            : readOnly.Peek?.Arrival == arrival ? readOnly.Dequeue()
            : ordinary.Dequeue();
        if (call is not null) Count(call, 1);
        return call is not null;
    }

    public void End(ICall call) => Count(call, -1);

    /// <summary>Gives back what a busy time has left behind.</summary>
    public void Trim()
    {
        ordinary.Trim();
        readOnly.Trim();
        interleaving.Trim();
    }

    public void Clear()
    {
        ordinary.Clear();
        readOnly.Clear();
        interleaving.Clear();
    }

    private readonly bool Interleaves(ICall call) => reentrant || call.Traits.HasFlag(CallTraits.Interleaves);

    private void Count(ICall call, int change)
    {
        Running += change;
        // What may interleave with others does not hold others up either.
        if (Interleaves(call)) return;
        if (call.Traits.HasFlag(CallTraits.ReadOnly)) readers += change;
        else writers += change;
    }

    private readonly long FirstStartable(bool ending)
    {
        var first = long.MaxValue;
        if (!ending && writers + readers == 0 && ordinary.Peek is { } o) first = Math.Min(first, o.Arrival);
        if ((!ending || Running > 0) && writers == 0 && readOnly.Peek is { } r) first = Math.Min(first, r.Arrival);
        if ((!ending || Running > 0) && interleaving.Peek is { } i) first = Math.Min(first, i.Arrival);
        return first;
    }
}
