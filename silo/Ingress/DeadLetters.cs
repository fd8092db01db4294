using CitySafeSense.Contracts;

namespace CitySafeSense.Silo.Ingress;

/// <summary>A message that was refused, and why. The message itself is not kept.</summary>
public sealed record DeadLetter(DateTimeOffset At, string? Device, string Kind, string Reason, int Bytes);

/// <summary>The last messages that were refused, so that somebody can be told; of one device only a few a minute.</summary>
public sealed class DeadLetters(TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly Queue<DeadLetter> letters = new();
    private readonly Dictionary<string, int> thisMinute = [];
    private long minute, suppressed;

    /// <summary>Beyond what is remembered of one device in a minute.</summary>
    public long Suppressed => Volatile.Read(ref suppressed);

    public void Add(Arrival arrival, string? device, string reason)
    {
        var now = time.GetUtcNow();
        lock (gate)
        {
            if (now.ToUnixTimeSeconds() / 60 is var current && current != minute)
            {
                minute = current;
                thisMinute.Clear();
            }
            var count = thisMinute[device ?? ""] = thisMinute.GetValueOrDefault(device ?? "") + 1;
            if (count > Limits.DeadLettersPerDeviceMinute)
            {
                suppressed++;
                return;
            }
            letters.Enqueue(new DeadLetter(now, device, arrival.Kind.ToString().ToLowerInvariant(), reason, arrival.Payload.Length));
            if (letters.Count > Limits.DeadLetters) letters.Dequeue();
        }
    }

    /// <summary>Those of one device, newest first.</summary>
    public IReadOnlyList<DeadLetter> Of(string device)
    {
        lock (gate) return [.. letters.Reverse().Where(l => l.Device == device)];
    }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<DeadLetter> Recent(int most)
    {
        lock (gate) return [.. letters.Reverse().Take(most)];
    }
}
