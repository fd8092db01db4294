using System.Collections.Concurrent;

namespace CitySafeSense.EmbeddedOrleans;

/// <summary>
/// Ends the wait for calls that take too long. Only activations that were busy when somebody looked are gone through, so calls
/// that end at once cost nothing. If grains wait for each other in a ring, the error says so and names them.
/// </summary>
internal sealed class CallPatience(TimeSpan timeout, int pulses)
{
    private readonly ConcurrentQueue<Activation> watched = new();

    public void Watch(Activation activation) => watched.Enqueue(activation);

    public void Look(int pulse)
    {
        var waiting = new List<(ICall Call, Activation Target)>();
        var calls = new List<ICall>();
        for (var n = watched.Count; n > 0 && watched.TryDequeue(out var activation); n--)
        {
            calls.Clear();
            if (activation.StillWaiting(calls)) watched.Enqueue(activation);
            waiting.AddRange(calls.Select(c => (c, activation)));
        }
        // Reported before any is failed: the first failure would break the ring that the others are part of.
        (ICall Call, string Report)[] overdue = [.. waiting.Where(w => pulse - w.Call.SentAt > pulses).OrderBy(w => w.Call.SentAt).Select(w => (w.Call, Report(w.Call, w.Target, waiting)))];
        foreach (var (call, report) in overdue) call.Fail(new TimeoutException(report));
    }

    private string Report(ICall call, Activation target, List<(ICall Call, Activation Target)> waiting)
    {
        var opening = $"{call.Name} of {target} has not answered {call.Sender?.ToString() ?? "a caller outside"} within {timeout}";
        if (call.Sender is { } sender && Ring(sender, target, waiting) is { } ring)
            return $"{opening}: deadlock, {string.Join(", ", ring.Select(w => $"{w.Call.Sender} waits for {w.Target} ({w.Call.Name})").Prepend($"{sender} waits for {target} ({call.Name})"))}. "
                + "Break the ring, or let one of the calls interleave.";
        var occupant = target.Occupant;
        return occupant is null || ReferenceEquals(occupant, call)
            ? $"{opening}: it is still running"
            : $"{opening}: it waits for its turn behind {occupant.Name}, called by {occupant.Sender?.ToString() ?? "a caller outside"}";
    }

    /// <summary>The calls by which a target waits, over others, for the sender; null if it does not.</summary>
    private static List<(ICall Call, Activation Target)>? Ring(Activation sender, Activation target, List<(ICall Call, Activation Target)> waiting)
    {
        if (ReferenceEquals(sender, target)) return [];
        var came = new Dictionary<Activation, (ICall Call, Activation Target)>();
        var reached = new Queue<Activation>([target]);
        while (reached.TryDequeue(out var at))
        {
            foreach (var next in waiting.Where(w => ReferenceEquals(w.Call.Sender, at) && !came.ContainsKey(w.Target)))
            {
                came[next.Target] = next;
                reached.Enqueue(next.Target);
            }
        }
        if (!came.ContainsKey(sender)) return null;
        var ring = new List<(ICall Call, Activation Target)>();
        for (var at = sender; !ReferenceEquals(at, target); at = came[at].Call.Sender!) ring.Insert(0, came[at]);
        return ring;
    }
}
