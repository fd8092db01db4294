using System.Collections.Concurrent;
using System.Diagnostics;
using CitySafeSense.Sensing;

namespace CitySafeSense.Silo.Ingress;

/// <summary>Where an arrival's time goes.</summary>
public enum IngestStage
{
    Read,
    Infer,
    Append,
    Acknowledge,
}

/// <summary>What came in on this silo since it started, and how long its stages took.</summary>
public sealed class IngestCounts
{
    private readonly ConcurrentDictionary<string, long> refused = new();
    private readonly long[] stageTicks = new long[Enum.GetValues<IngestStage>().Length];
    private long windows, events, duplicates, acknowledgements;

    public long Windows => Volatile.Read(ref windows);
    public long Events => Volatile.Read(ref events);
    public long Duplicates => Volatile.Read(ref duplicates);
    public long Acknowledgements => Volatile.Read(ref acknowledgements);
    public IReadOnlyDictionary<string, long> Refused => refused;

    public double SecondsOf(IngestStage stage) => Volatile.Read(ref stageTicks[(int)stage]) / (double)Stopwatch.Frequency;

    internal void Add(IReadOnlyList<Arrival> arrivals, IReadOnlyList<Outcome> outcomes)
    {
        for (var i = 0; i < outcomes.Count; i++)
        {
            if (outcomes[i].Refusal is { } reason) refused.AddOrUpdate(reason, 1, static (_, n) => n + 1);
            else if (outcomes[i].IsDuplicate) Interlocked.Increment(ref duplicates);
            else if (arrivals[i].Kind == DeviceTopic.Events) Interlocked.Increment(ref events);
            else Interlocked.Increment(ref windows);
        }
    }

    internal void Acknowledged(int messages) => Interlocked.Add(ref acknowledgements, messages);

    /// <returns>The timestamp at which the next stage begins.</returns>
    internal long Spent(IngestStage stage, long since)
    {
        var now = Stopwatch.GetTimestamp();
        Interlocked.Add(ref stageTicks[(int)stage], now - since);
        return now;
    }
}
