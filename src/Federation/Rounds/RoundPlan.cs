using CitySafeSense.Privacy;

namespace CitySafeSense.Federation;

/// <summary>How the rounds of a population are made differentially private. Unit: everything of one client; neighbours differ by adding or removing one.</summary>
public sealed record PrivacyPlan
{
    /// <summary>Standard deviation of the noise on the sum, over the clip bound.</summary>
    public required double NoiseMultiplier { get; init; }

    /// <summary>Probability with which every client joins a round, independently of the others; 1 is everybody, always.</summary>
    public required double SamplingRate { get; init; }

    public double Delta { get; init; } = 1e-6;

    /// <summary>The epsilon that all rounds together may spend; a round that would exceed it is refused.</summary>
    public required double EpsilonBudget { get; init; }

    /// <summary>Whether the clip bound follows the median length of updates, by a noisy count (Andrew et al. 2021).</summary>
    public bool AdaptsClipping { get; init; }

    /// <exception cref="ArgumentException">Names the setting and the range allowed.</exception>
    public void Validate()
    {
        RoundPlan.Require(NoiseMultiplier is > 0 and <= 1000, "noise multiplier", "above 0 and up to 1000");
        RoundPlan.Require(SamplingRate is > 0 and <= 1, "sampling rate", "above 0 and up to 1");
        RoundPlan.Require(Delta is > 0 and <= 1e-3, "delta", "above 0 and up to 0.001");
        RoundPlan.Require(EpsilonBudget is > 0 and <= 1000, "epsilon budget", "above 0 and up to 1000");
    }
}

/// <summary>Everything that is decided about a round before it starts.</summary>
public sealed record RoundPlan
{
    public required ClientInstructions Instructions { get; init; }

    /// <summary>Reports that complete the round. A private round waits for everybody it invited: who is fast must not matter.</summary>
    public required int Goal { get; init; }

    /// <summary>Invitations for each report needed: some always drop out (1.3 at Google, Bonawitz et al. 2019); 1 where nobody does, and then the outcome does not depend on who is fast.</summary>
    public double OverSelection { get; init; } = 1.3;

    /// <summary>Share of the goal that must have reported at the deadline; below it the round is abandoned.</summary>
    public double MinimumFraction { get; init; } = 0.7;

    public TimeSpan Deadline { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The longest change of the weights a single client may make.</summary>
    public double UpdateNormMax { get; init; } = 50;

    public AggregationRule Aggregation { get; init; } = AggregationRule.Mean;
    public UpdateCodec Codec { get; init; } = UpdateCodec.Parse("none");

    /// <summary>How far the server goes; 0 stands for its optimiser's own rate.</summary>
    public double ServerRate { get; init; }

    /// <summary>Nothing where rounds are not private.</summary>
    public PrivacyPlan? Privacy { get; init; }

    /// <summary>Nothing where the server sees single updates.</summary>
    public SecureSumRule? SecureSum { get; init; }

    /// <summary>How long each of the four steps of a secure sum waits, once the deadline for updates is over.</summary>
    public TimeSpan SecureStep => Deadline / 8;

    public int Invitations => (int)Math.Ceiling(Goal * OverSelection);
    public int MinimumReports => Math.Max(1, (int)Math.Ceiling(Goal * MinimumFraction));

    /// <exception cref="ArgumentException">Names the setting and the range allowed, or the two options that do not go together.</exception>
    public void Validate()
    {
        var strategy = Strategy.Named(Instructions.Strategy);
        Instructions.Training.Validate();
        Privacy?.Validate();
        SecureSum?.Validate();
        Require(Instructions.Round >= 1, "number", "1 or more");
        Require(Instructions.ProximalWeight is >= 0 and <= 1000, "proximal weight", "0 to 1000");
        Require(Goal is >= 1 && Invitations <= FixedPointSum.MaxUpdates, "goal", $"1 to {FixedPointSum.MaxUpdates} invitations");
        Require(OverSelection is >= 1 and <= 3, "over-selection", "1 to 3");
        Require(MinimumFraction is > 0 and <= 1, "minimum fraction", "above 0 and up to 1");
        Require(Deadline > TimeSpan.Zero && Deadline <= TimeSpan.FromDays(1), "deadline", "above 0 and up to a day");
        Require(UpdateNormMax is > 0 and <= ClippedUpdate.NormMaxLimit, "update norm bound", $"above 0 and up to {ClippedUpdate.NormMaxLimit}");
        Require(ServerRate is >= 0 and <= 100, "server rate", "0 to 100");
        Compatibility.Check(this, strategy);
        if (SecureSum is not null && Invitations < SecureSumRule.ShardMin)
            throw new ArgumentException($"round: a secure sum needs at least {SecureSumRule.ShardMin} clients, a crowd for everybody to hide in, and this round invites {Invitations}: raise the goal, or sum in the clear");
        if (Math.Min(MinimumReports, GatheredAggregation.UpdatesMax) < Aggregation.UpdatesMin)
            throw new ArgumentException($"round: aggregation {Aggregation.Name} needs {Aggregation.UpdatesMin} reports, and this round would do with {MinimumReports}: raise the goal or the minimum fraction");
    }

    internal static void Require(bool holds, string setting, string range)
    {
        if (!holds) throw new ArgumentException($"round: {setting} must be {range}");
    }
}
