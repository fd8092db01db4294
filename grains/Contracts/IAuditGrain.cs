namespace CitySafeSense.Contracts;

/// <summary>What operators did that must be answered for: `audit`. Entries are only added; each names the one before it by hash, so that none can be left out or changed unseen.</summary>
[Alias("citysafe.IAuditGrain")]
public interface IAuditGrain : IGrainWithStringKey
{
    /// <summary>Durable when it returns.</summary>
    /// <param name="subject">Whom it was about, as a keyed pseudonym: the entry outlives what it says is gone.</param>
    [Alias("Add")]
    Task<AuditEntry> Add(string action, string subject, string detail);

    /// <summary>Newest first.</summary>
    [AlwaysInterleave]
    [Alias("Recent")]
    Task<ImmutableArray<AuditEntry>> Recent(int most);
}

/// <param name="Previous">Hash of the entry before it; empty for the first.</param>
/// <param name="Hash">SHA-256 of all the other fields, in hexadecimal.</param>
[GenerateSerializer, Immutable, Alias("citysafe.AuditEntry")]
public sealed record AuditEntry(long Number, DateTimeOffset At, string Action, string Subject, string Detail, string Previous, string Hash);
