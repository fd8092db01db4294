using System.Collections.Concurrent;

namespace CitySafeSense.Load;

/// <summary>What the outside knows to be acknowledged: windows by cell. A checker's book; the silo never sees it.</summary>
public sealed class Ledger
{
    private readonly ConcurrentDictionary<string, long> acknowledged = new();

    public IReadOnlyDictionary<string, long> Acknowledged => acknowledged;
    public long Total => acknowledged.Values.Sum();

    public void Acknowledge(string cell) => acknowledged.AddOrUpdate(cell, 1, static (_, n) => n + 1);
}
