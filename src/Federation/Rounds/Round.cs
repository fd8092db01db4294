using System.Collections.Immutable;
using CitySafeSense.Numerics;

namespace CitySafeSense.Federation;

public enum RoundPhase
{
    Selecting,
    Configured,
    Reporting,
    Aggregating,
    Committed,
    Abandoned,
}

/// <summary>What may happen to a round.</summary>
public abstract record RoundCommand
{
    public sealed record Select(IReadOnlyCollection<string> Candidates) : RoundCommand;

    /// <summary>Everybody has been asked whether to join: a private round draws each client independently, and takes them all.</summary>
    public sealed record SelectDrawn(IReadOnlyCollection<string> Drawn) : RoundCommand;

    public sealed record InvitationsSent : RoundCommand;

    /// <param name="BaseRound">The round it was invited to; 0 stands for this one.</param>
    public sealed record Report(string Participant, int BaseRound = 0) : RoundCommand;

    /// <summary>A client will not report: it has nothing to learn from, or its training failed. It need not be waited for.</summary>
    public sealed record Decline(string Participant, string Reason) : RoundCommand;

    /// <summary>A shard of a secure sum is done: these are in it, all or none. <paramref name="IsLast"/>: no other shard is waited for.</summary>
    public sealed record ReportTogether(ImmutableArray<string> Participants, bool IsLast) : RoundCommand;

    public sealed record DeadlinePassed : RoundCommand;

    public sealed record Commit(string Model) : RoundCommand;

    public sealed record Abandon(string Reason) : RoundCommand;
}

/// <summary>What a round wants done, in order.</summary>
public abstract record RoundEffect
{
    public sealed record Invite(ImmutableArray<string> Participants, DateTimeOffset Deadline) : RoundEffect;

    /// <summary>The report counts, once.</summary>
    public sealed record Accept(string Participant) : RoundEffect;

    /// <summary>The report does not count: duplicate, late, or not invited. Telling why costs nothing.</summary>
    public sealed record Ignore(string Participant, string Reason) : RoundEffect;

    public sealed record Aggregate : RoundEffect;

    /// <summary>The round is over.</summary>
    public sealed record Close(RoundPhase Phase) : RoundEffect;
}

/// <summary>
/// The life of one round: Selecting, Configured, Reporting, Aggregating, then Committed or Abandoned, after Bonawitz et al.
/// (2019). Pure: it is handed commands and the time, and answers the next round and what is to be done. It holds no weights.
/// </summary>
/// <param name="Invited">In the order drawn; at most <see cref="FixedPointSum.MaxUpdates"/>.</param>
public sealed record Round(
    RoundPlan Plan, string BaseModel, RoundPhase Phase, DateTimeOffset Started, DateTimeOffset Deadline,
    ImmutableArray<string> Invited, ImmutableHashSet<string> Reported, string? Outcome)
{
    private static readonly ImmutableDictionary<string, int> nobody = ImmutableDictionary.Create<string, int>(StringComparer.Ordinal);

    /// <summary>Of a buffered round: who was invited to an earlier one, to which, and may still report.</summary>
    public ImmutableDictionary<string, int> Outstanding { get; private init; } = nobody;

    /// <summary>Who will not report, and why.</summary>
    public ImmutableSortedDictionary<string, string> Declined { get; private init; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <param name="before">The round before, whose late reports a buffered round takes.</param>
    /// <exception cref="ArgumentException">The plan is not one that can run.</exception>
    public static Round Open(RoundPlan plan, string baseModel, DateTimeOffset now, Round? before = null)
    {
        plan.Validate();
        return new(plan, baseModel, RoundPhase.Selecting, now, now + plan.Deadline + (plan.SecureSum is null ? TimeSpan.Zero : 4 * plan.SecureStep), [], [], null)
        {
            Outstanding = IsBuffered(plan) && before is not null && IsBuffered(before.Plan) ? before.StillOut(plan.Instructions.Round) : nobody,
        };
    }

    public int Number => Plan.Instructions.Round;

    /// <summary>"2 clients declined: a: nothing to learn from", the reason of the first.</summary>
    public string DeclinedInWords => Declined.IsEmpty ? "" : $"{Declined.Count} {(Declined.Count == 1 ? "client" : "clients")} declined: {Declined.First().Key}: {Declined.First().Value}";
    public bool IsOver => Phase is RoundPhase.Committed or RoundPhase.Abandoned;

    public (Round Next, ImmutableArray<RoundEffect> Effects) Apply(RoundCommand command, DateTimeOffset now) => command switch
    {
        RoundCommand.Select select when Phase == RoundPhase.Selecting => Select(select.Candidates),
        RoundCommand.SelectDrawn select when Phase == RoundPhase.Selecting => Invite([.. select.Drawn.Distinct().Order(StringComparer.Ordinal)]),
        RoundCommand.InvitationsSent when Phase == RoundPhase.Configured => Reported.Count >= Awaited
            ? (this with { Phase = RoundPhase.Aggregating }, [new RoundEffect.Aggregate()]) // a private round may draw nobody
            : (this with { Phase = RoundPhase.Reporting }).EndedIfAllAnswered([]),

        RoundCommand.Report report => Report(report, now),
        RoundCommand.Decline decline => Decline(decline, now),
        RoundCommand.ReportTogether together => ReportTogether(together, now),
        RoundCommand.DeadlinePassed when Phase is RoundPhase.Configured or RoundPhase.Reporting && now >= Deadline => PastDeadline(),
        RoundCommand.Commit commit when Phase == RoundPhase.Aggregating => Over(RoundPhase.Committed, commit.Model),
        RoundCommand.Abandon abandon when !IsOver => Over(RoundPhase.Abandoned, abandon.Reason),
        _ => (this, []),
    };

    private (Round, ImmutableArray<RoundEffect>) Select(IReadOnlyCollection<string> candidates)
    {
        // So many train at the same time: in a buffered round those count who still do.
        string[] drawn = [.. candidates.Where(c => !Outstanding.ContainsKey(c)).Distinct().Order(StringComparer.Ordinal)];
        if (drawn.Length + Outstanding.Count < Plan.MinimumReports)
            return Over(RoundPhase.Abandoned, $"{drawn.Length + Outstanding.Count} clients can take part, at least {Plan.MinimumReports} are needed");
        Rng.For(Plan.Instructions.Seed, "select", Number.ToString(System.Globalization.CultureInfo.InvariantCulture)).Shuffle<string>(drawn);
        return Invite([.. drawn.Take(Math.Max(0, Plan.Invitations - Outstanding.Count))]);
    }

    private (Round, ImmutableArray<RoundEffect>) Invite(ImmutableArray<string> invited) =>
        Plan.SecureSum is not null && invited.Length < SecureSumRule.ShardMin
            ? Over(RoundPhase.Abandoned, $"{invited.Length} clients are invited; a secure sum hides each among at least {SecureSumRule.ShardMin}")
            : (this with { Phase = RoundPhase.Configured, Invited = invited }, [new RoundEffect.Invite(invited, Deadline)]);

    private (Round, ImmutableArray<RoundEffect>) Report(RoundCommand.Report report, DateTimeOffset now)
    {
        var participant = report.Participant;
        if (Refusal(participant, now, report.BaseRound) is { } refusal) return (this, [new RoundEffect.Ignore(participant, refusal)]);
        var next = this with { Reported = Reported.Add(participant) };
        return next.Reported.Count < Awaited
            ? next.EndedIfAllAnswered([new RoundEffect.Accept(participant)])
            : (next with { Phase = RoundPhase.Aggregating }, [new RoundEffect.Accept(participant), new RoundEffect.Aggregate()]);
    }

    private (Round, ImmutableArray<RoundEffect>) Decline(RoundCommand.Decline decline, DateTimeOffset now) => Refusal(decline.Participant, now) is { } refusal
        ? (this, [new RoundEffect.Ignore(decline.Participant, refusal)])
        : (this with { Declined = Declined.Add(decline.Participant, decline.Reason) }).EndedIfAllAnswered([]);

    /// <summary>Where everybody has reported or declined there is nothing to wait for. Shards of a secure sum say themselves when they are done.</summary>
    private (Round, ImmutableArray<RoundEffect>) EndedIfAllAnswered(ImmutableArray<RoundEffect> before)
    {
        if (Phase != RoundPhase.Reporting || Plan.SecureSum is not null || Declined.IsEmpty || Reported.Count + Declined.Count < Invited.Length + Outstanding.Count) return (this, before);
        var (over, effects) = PastWaiting("and nobody else can");
        return (over, [.. before, .. effects]);
    }

    private (Round, ImmutableArray<RoundEffect>) ReportTogether(RoundCommand.ReportTogether report, DateTimeOffset now)
    {
        // In a sum there is no leaving anybody out: one who does not belong there spoils it.
        if (report.Participants.Select(p => (Who: p, Why: Refusal(p, now))).FirstOrDefault(r => r.Why is not null) is { Why: { } why } first) return (this, [new RoundEffect.Ignore(first.Who, why)]);
        if (Phase is not (RoundPhase.Configured or RoundPhase.Reporting)) return (this, []);
        var next = this with { Reported = Reported.Union(report.Participants) };
        ImmutableArray<RoundEffect> accepted = [.. report.Participants.Select(p => new RoundEffect.Accept(p))];
        if (next.Reported.Count < Awaited && !report.IsLast) return (next, accepted);
        if (next.Reported.Count >= MinimumReports) return (next with { Phase = RoundPhase.Aggregating }, [.. accepted, new RoundEffect.Aggregate()]);
        var (over, effects) = next.Over(RoundPhase.Abandoned, $"{next.Reported.Count} of at least {MinimumReports} reports in the shards that came to a sum");
        return (over, [.. accepted, .. effects]);
    }

    private string? Refusal(string participant, DateTimeOffset now, int baseRound = 0) =>
        baseRound != 0 && baseRound != Number && Outstanding.GetValueOrDefault(participant) != baseRound ? "late"
        : (baseRound == 0 || baseRound == Number) && !Invited.Contains(participant) ? "not invited"
        : Reported.Contains(participant) ? "duplicate"
        : Declined.ContainsKey(participant) ? "declined"
        : Phase is not (RoundPhase.Configured or RoundPhase.Reporting) || now > Deadline ? "late"
        : null;

    /// <summary>Reports that end the waiting. A private round waits for all it drew.</summary>
    private int Awaited => Plan.Privacy is null ? Math.Min(Plan.Goal, Invited.Length + Outstanding.Count) : Invited.Length;

    /// <summary>Who has not reported and may yet, in a round of that number.</summary>
    private ImmutableDictionary<string, int> StillOut(int number) => Outstanding.AddRange(Invited.Select(i => KeyValuePair.Create(i, Number)))
        .RemoveRange(Reported).RemoveRange(Declined.Keys).Where(o => number - o.Value <= Staleness.RoundsMax).ToImmutableDictionary(StringComparer.Ordinal);

    private static bool IsBuffered(RoundPlan plan) => Strategy.Named(plan.Instructions.Strategy).Arrival == Arrival.Buffered;

    private int MinimumReports => Plan.Privacy is null ? Plan.MinimumReports : 0;

    private (Round, ImmutableArray<RoundEffect>) PastDeadline() => PastWaiting("at the deadline");

    private (Round, ImmutableArray<RoundEffect>) PastWaiting(string when) => Reported.Count >= MinimumReports
        ? (this with { Phase = RoundPhase.Aggregating }, [new RoundEffect.Aggregate()])
        : Over(RoundPhase.Abandoned, $"{Reported.Count} of at least {MinimumReports} reports {when}{(Declined.IsEmpty ? "" : $"; {DeclinedInWords}")}");

    private (Round, ImmutableArray<RoundEffect>) Over(RoundPhase phase, string outcome) =>
        (this with { Phase = phase, Outcome = outcome }, [new RoundEffect.Close(phase)]);
}
