using System.Collections.Immutable;

namespace CitySafeSense.Federation;

/// <summary>What a client reports of its part of a round.</summary>
/// <param name="Update">As the round's codec has it; empty where the strategy keeps it.</param>
public readonly record struct ClientReport(string Participant, ReadOnlyMemory<byte> Update, int Samples, double Loss);

/// <summary>A round with what has come in so far. It lives in memory only: what is not committed is nothing.</summary>
public sealed class RunningRound
{
    private readonly int updateLength;
    private readonly bool sends;
    private (long Millionths, long Samples) loss;

    /// <param name="parameters">Of the model that is trained.</param>
    public RunningRound(Round round, int parameters)
    {
        var strategy = Strategy.Named(round.Plan.Instructions.Strategy);
        (Round, sends, updateLength) = (round, strategy.Contribution == Contribution.Sent, strategy.UpdateLength(parameters));
    }

    public Round Round { get; private set; }

    /// <summary>Where updates go; made when it is known who was invited.</summary>
    public Aggregation? Aggregation { get; private set; }

    /// <summary>Bytes of the updates that were accepted.</summary>
    public long UpdateBytes { get; private set; }

    public double MeanLoss => loss.Samples == 0 ? 0 : loss.Millionths / 1e6 / loss.Samples;

    public void CollectIn(Func<int, Aggregation> make) => Aggregation = sends ? make(updateLength) : null;

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
        var (next, effects) = Round.Apply(new RoundCommand.Report(report.Participant), now);
        if (effects.Any(e => e is RoundEffect.Accept))
        {
            Aggregation?.Add(report.Participant, Round.Plan.Codec.Decode(report.Update.Span, updateLength), report.Samples);
            UpdateBytes += report.Update.Length;
            // In integers, so that the mean does not depend on who is fast; a private round collects nothing beside its sum.
            if (Math.Abs(report.Loss) < 1e6 && Round.Plan.Privacy is null) loss = (loss.Millionths + (long)Math.Round(report.Loss * 1e6) * report.Samples, loss.Samples + report.Samples);
        }
        Round = next;
        return effects;
    }
}
