using System.Collections.Concurrent;

namespace CitySafeSense.Load;

/// <summary>What the outside knows to be acknowledged: windows by cell. A checker's book; the silo never sees it.</summary>
public sealed class Ledger
{
    private readonly ConcurrentDictionary<string, long> acknowledged = new(), abandoned = new();

    public IReadOnlyDictionary<string, long> Acknowledged => acknowledged;
    public long Total => acknowledged.Values.Sum();

    /// <summary>Windows by cell that were given up without an answer: each may be in its cell, once, or not.</summary>
    public IReadOnlyDictionary<string, long> Abandoned => abandoned;

    public void Abandon(string cell, long windows) => abandoned.AddOrUpdate(cell, windows, (_, n) => n + windows);

    public void Acknowledge(string cell) => acknowledged.AddOrUpdate(cell, 1, static (_, n) => n + 1);
}
