using CitySafeSense.Load;
using CitySafeSense.Sdk;

namespace CitySafeSense.Cli.Verbs;

/// <summary>An outside ledger of acknowledgements beside the cells' counts, once every cell has what was acknowledged.</summary>
internal static class LedgerComparison
{
    /// <returns>Acknowledged and in no bin (what came behind its bin is in none); and in a cell more often than it was said or given up: what was given up may be there, once.</returns>
    public static async Task<(long Lost, long Doubled)> Of(CitySafeClient client, Ledger ledger, CancellationToken cancellation)
    {
        await client.Settle(cancellation);
        var (lost, doubled) = (0L, 0L);
        foreach (var (cell, acknowledged) in ledger.Acknowledged)
        {
            var counts = await client.Counts(cell, cancellation);
            lost += Math.Max(0, acknowledged - counts.Counted);
            doubled += Math.Max(0, counts.Counted - acknowledged - ledger.Abandoned.GetValueOrDefault(cell));
        }
        return (lost, doubled);
    }
}
