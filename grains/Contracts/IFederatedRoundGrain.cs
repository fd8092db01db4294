namespace CitySafeSense.Contracts;

/// <summary>The rounds of one population, one at a time: `{population}`.</summary>
[Alias("citysafe.IFederatedRoundGrain")]
public interface IFederatedRoundGrain : IGrainWithStringKey
{
    /// <summary>A client has something to learn from and would take part. Asked again after a restart.</summary>
    /// <param name="credential">The public key with which it signs in secure sums.</param>
    /// <returns>When to say so again.</returns>
    [Alias("CheckIn")]
    Task<TimeSpan> CheckIn(string client, ImmutableArray<byte> credential);

    /// <summary>A client would not take part any more; false if it was not on the list.</summary>
    [Alias("Withdraw")]
    Task<bool> Withdraw(string client);

    /// <summary>Opens the next round and answers its number; fails if one is running or there is no model.</summary>
    [Alias("Start")]
    Task<int> Start(RoundTerms terms);

    [Alias("Report")]
    Task Report(RoundReport report);

    /// <summary>An invited client reports that it cannot take part in this round. The round no longer waits for it.</summary>
    [Alias("Decline")]
    Task Decline(string client, int round, string reason);

    /// <summary>A shard of a secure sum is done.</summary>
    [Alias("ReportShard")]
    Task ReportShard(SecureShardReport report);

    /// <summary>Answers when the round is over, or after at most <paramref name="patience"/> (10 s) as it stands.</summary>
    [AlwaysInterleave]
    [Alias("Watch")]
    Task<RoundStatus> Watch(int round, TimeSpan patience);

    /// <summary>The last rounds, newest first.</summary>
    [AlwaysInterleave]
    [Alias("Recent")]
    Task<RoundsView> Recent();
}

/// <summary>What is decided about a round before it starts.</summary>
[GenerateSerializer, Immutable, Alias("citysafe.RoundTerms")]
public sealed record RoundTerms(
    string Strategy, int Goal, double OverSelection, double MinimumFraction, TimeSpan Deadline, double UpdateNormMax,
    int Epochs, int BatchSize, string Optimiser, double LearningRate, double Momentum, double GradientNormMax, bool DropIncompleteBatch, ulong Seed,
    string Aggregation = "mean", string Codec = "none", double ProximalWeight = 0.1, double ServerRate = 0, PrivacyTerms? Privacy = null,
    SecureSumTerms? SecureSum = null);

/// <summary>Updates are summed under masks, and nobody sees a single one.</summary>
/// <param name="Threshold">Share of a shard that must stay to the end.</param>
[GenerateSerializer, Immutable, Alias("citysafe.SecureSumTerms")]
public sealed record SecureSumTerms(double Threshold);

/// <summary>Differential privacy of a population's rounds; see the science's PrivacyPlan for what each number means.</summary>
[GenerateSerializer, Immutable, Alias("citysafe.PrivacyTerms")]
public sealed record PrivacyTerms(double NoiseMultiplier, double SamplingRate, double Delta, double EpsilonBudget, bool AdaptsClipping);

/// <param name="Update">Trained minus received weights (and the change of a control variate), as the round's codec has it; empty if the strategy keeps it on the device.</param>
[GenerateSerializer, Immutable, Alias("citysafe.RoundReport")]
public sealed record RoundReport(string Device, int Round, int Samples, double Loss, ImmutableArray<byte> Update);

/// <param name="Outcome">The hash of what was committed, or why the round was abandoned.</param>
/// <param name="Declined">Which invited clients did not report, and why, in words; empty where none declined.</param>
[GenerateSerializer, Immutable, Alias("citysafe.RoundStatus")]
public sealed record RoundStatus(
    int Round, string Phase, string Strategy, string BaseModel, string? Outcome, int Invited, int Reported, int Clipped, double MeanLoss,
    DateTimeOffset Started, DateTimeOffset? Ended, long UpdateBytes = 0, double? Epsilon = null, string Declined = "");

[GenerateSerializer, Immutable, Alias("citysafe.RoundsView")]
public sealed record RoundsView(int CheckedIn, ImmutableArray<RoundStatus> Rounds);
