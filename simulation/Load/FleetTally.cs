using System.Collections.Concurrent;
using System.Diagnostics;

namespace CitySafeSense.Load;

/// <summary>What a fleet's devices count together.</summary>
internal sealed class FleetTally(Ledger ledger)
{
    private const int LatenciesKept = 2_000_000;
    private readonly Lock gate = new();
    private readonly ConcurrentQueue<float> latencies = new();
    private long offered, sent, acknowledged, acknowledgedEvents, acknowledgedWhileSending, refused, shed, resent, restarts, bytes;
    private long began = Stopwatch.GetTimestamp();
    private long lastEvent = Stopwatch.GetTimestamp();
    private double longestGap;
    private volatile bool isSending = true;

    /// <summary>Messages that devices had to say, kept or shed.</summary>
    public long Offered => Volatile.Read(ref offered);

    public long Acknowledged => Volatile.Read(ref acknowledged);

    public void Said(bool kept)
    {
        Interlocked.Increment(ref offered);
        if (kept) Interlocked.Increment(ref sent);
    }

    public void Take(string cell, bool isEvent, int payload, TimeSpan since)
    {
        ledger.Acknowledge(cell);
        Interlocked.Increment(ref acknowledged);
        Interlocked.Add(ref bytes, payload);
        if (isEvent) TakeEvent();
        if (!isSending) return;
        Interlocked.Increment(ref acknowledgedWhileSending);
        if (latencies.Count < LatenciesKept) latencies.Enqueue((float)since.TotalSeconds);
    }

    public void Refuse() => Interlocked.Increment(ref refused);

    /// <param name="lost">Messages that went with the memory of the device.</param>
    public void Restarted(string cell, int lost)
    {
        Interlocked.Increment(ref restarts);
        if (lost > 0) ledger.Abandon(cell, lost);
    }

    /// <summary>What an outbox counted in its life.</summary>
    public void Add(long shedHere, long resentHere)
    {
        Interlocked.Add(ref shed, shedHere);
        Interlocked.Add(ref resent, resentHere);
    }

    /// <summary>Rate and latencies count from here on.</summary>
    public void Begin()
    {
        latencies.Clear();
        lock (gate) (lastEvent, longestGap) = (Stopwatch.GetTimestamp(), 0);
        Volatile.Write(ref acknowledgedWhileSending, 0);
        began = Stopwatch.GetTimestamp();
    }

    /// <summary>Rate and latencies end here.</summary>
    /// <returns>How long that was.</returns>
    public double StopSending()
    {
        lock (gate) CloseGap(); // there may have been none for long
        isSending = false;
        return Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    public FleetReport Report(double seconds, double settled, long unsettled)
    {
        float[] sorted = [.. latencies.Order()];
        return new FleetReport(
            sent, acknowledged, acknowledgedEvents, refused, shed, resent, restarts, unsettled, seconds, acknowledgedWhileSending / seconds,
            Quantile(0.5), Quantile(0.95), Quantile(0.99), settled, longestGap, acknowledged == 0 ? 0 : (int)(bytes / acknowledged));

        double Quantile(double p) => sorted.Length == 0 ? 0 : Math.Round(sorted[(int)(p * (sorted.Length - 1))], 4);
    }

    private void TakeEvent()
    {
        lock (gate)
        {
            acknowledgedEvents++;
            CloseGap();
            lastEvent = Stopwatch.GetTimestamp();
        }
    }

    private void CloseGap()
    {
        if (isSending) longestGap = Math.Max(longestGap, Stopwatch.GetElapsedTime(lastEvent).TotalSeconds);
    }
}
