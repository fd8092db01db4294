using CitySafeSense.Privacy;

namespace CitySafeSense.Federation;

/// <summary>Everything that is decided about a round before it starts.</summary>
public sealed record RoundPlan
{
    public required ClientInstructions Instructions { get; init; }

    /// <summary>Reports that complete the round.</summary>
    public required int Goal { get; init; }

    /// <summary>Invitations for each report needed: some always drop out (1.3 at Google, Bonawitz et al. 2019); 1 where nobody does, and then the outcome does not depend on who is fast.</summary>
    public double OverSelection { get; init; } = 1.3;

    /// <summary>Share of the goal that must have reported at the deadline; below it the round is abandoned.</summary>
    public double MinimumFraction { get; init; } = 0.7;

    public TimeSpan Deadline { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The longest change of the weights a single client may make.</summary>
    public double UpdateNormMax { get; init; } = 50;

    public int Invitations => (int)Math.Ceiling(Goal * OverSelection);
    public int MinimumReports => Math.Max(1, (int)Math.Ceiling(Goal * MinimumFraction));

    /// <exception cref="ArgumentException">Names the setting and the range allowed.</exception>
    public void Validate()
    {
        _ = Strategy.Named(Instructions.Strategy);
        Instructions.Training.Validate();
        Require(Instructions.Round >= 1, "number", "1 or more");
        Require(Goal is >= 1 && Invitations <= FixedPointSum.MaxUpdates, "goal", $"1 to {FixedPointSum.MaxUpdates} invitations");
        Require(OverSelection is >= 1 and <= 3, "over-selection", "1 to 3");
        Require(MinimumFraction is > 0 and <= 1, "minimum fraction", "above 0 and up to 1");
        Require(Deadline > TimeSpan.Zero && Deadline <= TimeSpan.FromDays(1), "deadline", "above 0 and up to a day");
        Require(UpdateNormMax is > 0 and <= ClippedUpdate.NormMaxLimit, "update norm bound", $"above 0 and up to {ClippedUpdate.NormMaxLimit}");
    }

    private static void Require(bool holds, string setting, string range)
    {
        if (!holds) throw new ArgumentException($"round: {setting} must be {range}");
    }
}
