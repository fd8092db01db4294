using System.Collections.Immutable;

namespace CitySafeSense.Federation;

/// <summary>What a client reports of its part of a round.</summary>
/// <param name="Update">As the round's codec has it; empty where the strategy keeps it.</param>
/// <param name="BaseRound">The round that invited it, whose version it started from; 0 stands for the one that runs.</param>
public readonly record struct ClientReport(string Participant, ReadOnlyMemory<byte> Update, int Samples, double Loss, int BaseRound = 0);

/// <summary>A round with what has come in so far. It lives in memory only: what is not committed is nothing.</summary>
public sealed class RunningRound
{
    private readonly bool sends;
    private readonly HashSet<int> shardsHeard = [];
    private (long Millionths, long Samples) loss;

    /// <param name="parameters">Of the model that is trained.</param>
    public RunningRound(Round round, int parameters)
    {
        var strategy = Strategy.Named(round.Plan.Instructions.Strategy);
        (Round, sends, UpdateLength) = (round, strategy.Contribution == Contribution.Sent, strategy.UpdateLength(parameters));
    }

    public Round Round { get; private set; }

    /// <summary>Values of an update.</summary>
    public int UpdateLength { get; }

    /// <summary>Where updates go; made when it is known who was invited.</summary>
    public Aggregation? Aggregation { get; private set; }

    /// <summary>Bytes of the updates that were accepted.</summary>
    public long UpdateBytes { get; private set; }

    /// <summary>Of a round that sums securely: who sums together.</summary>
    public ImmutableArray<ImmutableArray<string>> Shards => SecureSumRule.Shards(Round.Invited);

    public double MeanLoss => loss.Samples == 0 ? 0 : loss.Millionths / 1e6 / loss.Samples;

    public void CollectIn(Func<int, Aggregation> make) => Aggregation = sends ? make(UpdateLength) : null;

    public ImmutableArray<RoundEffect> Apply(RoundCommand command, DateTimeOffset now)
    {
        (Round, var effects) = Round.Apply(command, now);
        return effects;
    }

    /// <summary>Takes a report, or ignores it and says why. One that cannot be used is refused before it counts, and its sender may send another.</summary>
    /// <exception cref="ArgumentException">The update has values that are not finite, or none.</exception>
    /// <exception cref="FormatException">It is not an update of this round.</exception>
    public ImmutableArray<RoundEffect> Report(ClientReport report, DateTimeOffset now)
    {
        if (sends == report.Update.IsEmpty) return []; // an empty report must not count towards the goal, nor a kept one be summed
        var (next, effects) = Round.Apply(new RoundCommand.Report(report.Participant, report.BaseRound), now);
        if (effects.Any(e => e is RoundEffect.Accept))
        {
            var behind = report.BaseRound == 0 ? 0 : Round.Number - report.BaseRound;
            Aggregation?.Add(report.Participant, Staleness.Scaled(Round.Plan.Codec.Decode(report.Update.Span, UpdateLength), behind), report.Samples);
            UpdateBytes += report.Update.Length;
            // In integers, so that the mean does not depend on who is fast; a private round collects nothing beside its sum.
            if (Math.Abs(report.Loss) < 1e6 && Round.Plan.Privacy is null) loss = (loss.Millionths + (long)Math.Round(report.Loss * 1e6) * report.Samples, loss.Samples + report.Samples);
        }
        Round = next;
        return effects;
    }

    /// <summary>Takes what a shard's secure sum came to, or nothing if it came to none. Each shard is heard once.</summary>
    /// <param name="total">Nothing if <paramref name="participants"/> is empty.</param>
    /// <exception cref="ArgumentException">The sum does not fit the round; the shard counts as one that came to nothing.</exception>
    public ImmutableArray<RoundEffect> Report(int shard, ImmutableArray<string> participants, SecureTotal? total, long bytes, DateTimeOffset now)
    {
        if (Aggregation is not { } aggregation || shard < 0 || shard >= Shards.Length || !shardsHeard.Add(shard)) return [];
        var (next, effects) = Round.Apply(new RoundCommand.ReportTogether(participants, shardsHeard.Count == Shards.Length), now);
        if (total is not null && effects.Any(e => e is RoundEffect.Accept))
        {
            aggregation.Add(total);
            UpdateBytes += bytes;
            loss = (loss.Millionths + (long)Math.Round(total.WeightedLoss * 1e6), loss.Samples + total.Weight);
        }
        Round = next;
        return effects;
    }
}
