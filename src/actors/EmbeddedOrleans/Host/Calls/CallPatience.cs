using System.Collections.Concurrent;
using Orleans.Runtime;

namespace CitySafeSense.EmbeddedOrleans;

/// <summary>
/// Ends the wait for calls that take too long. Only activations that were busy when somebody looked are gone through, so calls
/// that end at once cost nothing. If grains wait for each other in a ring, the error says so and names them.
/// </summary>
internal sealed class CallPatience(TimeSpan timeout, int pulses)
{
    private readonly ConcurrentQueue<Activation> watched = new();
    private readonly ConcurrentQueue<(ICall Call, GrainId Target, int SentAt)> lost = new();

    public void Watch(Activation activation) => watched.Enqueue(activation);

    /// <summary>A call whose request or answer was lost; from now on nothing that its grain does reaches the caller.</summary>
    public void WaitInVain(ICall call, GrainId target, int pulse)
    {
        call.IsMuted = true;
        Expect(call, target, pulse);
    }

    /// <summary>A call to somebody who is not watched.</summary>
    public void Expect(ICall call, GrainId target, int pulse) => lost.Enqueue((call, target, pulse));

    /// <summary>True, and the call has failed, if it has gone from one activation to the next for too long.</summary>
    public bool GivesUpOn(ICall call, Activation activation, int pulse)
    {
        if (pulse - call.SentAt <= pulses || call.Traits.HasFlag(CallTraits.OneWay)) return false;
        call.Fail(new TimeoutException($"{call.Name} of {activation} has not answered within {timeout}: no activation of it stays long enough"));
        return true;
    }

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
        while (lost.TryPeek(out var vain) && pulse - vain.SentAt > pulses && lost.TryDequeue(out vain))
            vain.Call.Fail(new TimeoutException(Unanswered(vain.Call, vain.Target)));
    }

    private string Report(ICall call, Activation target, List<(ICall Call, Activation Target)> waiting)
    {
        var opening = Unanswered(call, target.GrainId);
        if (Ring(target, waiting) is { } ring)
            return $"{opening}: deadlock, {string.Join(", ", ring.Select(w => $"{w.Call.Sender} waits for {w.Target} ({w.Call.Name})"))}. Break the ring, or let one of the calls interleave.";
        var occupant = target.Occupant;
        return ReferenceEquals(occupant, call) ? $"{opening}: it is still running"
            : occupant is null ? $"{opening}: it waits for its turn, with {target.Load} others"
            : $"{opening}: it waits for its turn behind {occupant.Name}, called by {CallerOf(occupant)}";
    }

    private string Unanswered(ICall call, GrainId target) => $"{call.Name} of {target} has not answered {CallerOf(call)} within {timeout}";

    private static string CallerOf(ICall call) => call.Sender?.ToString() ?? "a caller outside";

    /// <summary>Calls that wait for each other in a ring which an activation is part of or waits for; null if there is none.</summary>
    private static List<(ICall Call, Activation Target)>? Ring(Activation from, List<(ICall Call, Activation Target)> waiting)
    {
        var waitsFor = waiting.Where(w => w.Call.Sender is not null).ToLookup(w => w.Call.Sender!);
        var (path, onPath, done) = (new List<(ICall Call, Activation Target)>(), new HashSet<Activation>(), new HashSet<Activation>());
        return Closes(from) ? path : null;

        bool Closes(Activation at)
        {
            onPath.Add(at);
            foreach (var next in waitsFor[at])
            {
                if (done.Contains(next.Target)) continue;
                path.Add(next);
                if (onPath.Contains(next.Target))
                {
                    path.RemoveRange(0, path.FindIndex(w => ReferenceEquals(w.Call.Sender, next.Target)));
                    return true;
                }
                if (Closes(next.Target)) return true;
                path.RemoveAt(path.Count - 1);
            }
            onPath.Remove(at);
            done.Add(at);
            return false;
        }
    }
}
