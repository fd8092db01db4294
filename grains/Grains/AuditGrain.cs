using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CitySafeSense.Contracts;

namespace CitySafeSense.Grains;

/// <summary>What operators did: `audit`. The newest are kept; those before them are vouched for by the hash that the oldest kept one names.</summary>
public sealed class AuditGrain([PersistentState("audit", "devices")] IPersistentState<AuditState> state, TimeProvider time) : Grain, IAuditGrain
{
    public async Task<AuditEntry> Add(string action, string subject, string detail)
    {
        var last = state.State.Entries.LastOrDefault();
        var entry = new AuditEntry((last?.Number ?? 0) + 1, time.GetUtcNow(), action, subject, detail, last?.Hash ?? "", "");
        entry = entry with { Hash = HashOf(entry) };
        state.State.Entries = [.. state.State.Entries.Append(entry).TakeLast(Limits.AuditEntries)];
        await state.WriteOrLeave(DeactivateOnIdle);
        return entry;
    }

    public Task<ImmutableArray<AuditEntry>> Recent(int most) => Task.FromResult<ImmutableArray<AuditEntry>>([.. state.State.Entries.AsEnumerable().Reverse().Take(most)]);

    /// <summary>Of all fields but the hash itself, each on a line.</summary>
    public static string HashOf(AuditEntry entry) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture, $"{entry.Number}\n{entry.At:O}\n{entry.Action}\n{entry.Subject}\n{entry.Detail}\n{entry.Previous}"))));
}

[GenerateSerializer, Alias("citysafe.AuditState")]
public sealed class AuditState
{
    [Id(0)] public int Version { get; set; } = 1;

    /// <summary>Oldest first.</summary>
    [Id(1)] public List<AuditEntry> Entries { get; set; } = [];
}
