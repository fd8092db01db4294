using CitySafeSense.Load;
using CitySafeSense.Sdk;

namespace CitySafeSense.Cli.Verbs;

/// <summary>An outside ledger of acknowledgements beside the cells' counts, once every cell has what was acknowledged.</summary>
internal static class LedgerComparison
{
    /// <summary>What cells have counted so far, for a comparison with what comes.</summary>
    public static async Task<IReadOnlyDictionary<string, long>> Counts(CitySafeClient client, IEnumerable<string> cells, CancellationToken cancellation)
    {
        await client.Settle(cancellation);
        var counts = new Dictionary<string, long>();
        foreach (var cell in cells) counts[cell] = (await client.Counts(cell, cancellation)).Counted;
        return counts;
    }

    /// <param name="before">What the cells had before the ledger began; nothing where they were new.</param>
    /// <returns>Acknowledged and in no bin (what came behind its bin is in none); and in a cell more often than it was said or given up: what was given up may be there, once.</returns>
    public static async Task<(long Lost, long Doubled)> Of(CitySafeClient client, Ledger ledger, CancellationToken cancellation, IReadOnlyDictionary<string, long>? before = null)
    {
        var (lost, doubled) = (0L, 0L);
        foreach (var (cell, counted) in await Counts(client, ledger.Acknowledged.Keys, cancellation))
        {
            var excess = counted - (before?.GetValueOrDefault(cell) ?? 0) - ledger.Acknowledged[cell];
            lost += Math.Max(0, -excess);
            doubled += Math.Max(0, excess - ledger.Abandoned.GetValueOrDefault(cell));
        }
        return (lost, doubled);
    }
}
