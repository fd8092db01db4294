using CitySafeSense.Contracts;
using CitySafeSense.Federation;

namespace CitySafeSense.Grains;

/// <summary>The shards of a running round that sums securely, as its coordinator deals with them.</summary>
internal static class SecureShards
{
    /// <summary>Opens them, and answers where everybody sits; nothing in a round whose updates are seen.</summary>
    /// <param name="credentials">By client, as they checked in.</param>
    public static async Task<IReadOnlyDictionary<string, SecureSeat>> Open(
        IGrainFactory grains, string population, RunningRound running, ModelSpec spec, IReadOnlyDictionary<string, ImmutableArray<byte>> credentials)
    {
        var (round, seats) = (running.Round, new Dictionary<string, SecureSeat>(StringComparer.Ordinal));
        if (round.Plan.SecureSum is not { } rule || round.IsOver) return seats;
        var shards = running.Shards;
        for (var s = 0; s < shards.Length; s++)
        {
            var key = $"{population}/{round.Number}/{s}";
            ImmutableArray<ImmutableArray<byte>> signing = [.. shards[s].Select(c => credentials[c])];
            await grains.GetGrain<ISecureShardGrain>(key).Open(new SecureShard(
                population, round.Number, s, spec.Input, shards[s], signing, rule.ThresholdOf(shards[s].Length), running.UpdateLength, round.Plan.UpdateNormMax,
                round.Plan.Privacy is not null, round.Started + round.Plan.Deadline, round.Plan.SecureStep));
            for (var place = 0; place < shards[s].Length; place++) seats[shards[s][place]] = new SecureSeat(key, place, rule.ThresholdOf(shards[s].Length), signing);
        }
        return seats;
    }

    /// <summary>Takes what a shard came to; a sum that cannot be is none.</summary>
    public static ImmutableArray<RoundEffect> Report(RunningRound running, SecureShardReport report, DateTimeOffset now)
    {
        var plan = running.Round.Plan;
        if (report.Participants.Length > 0 && report.Sum.Length == SecureUpdate.Length(running.UpdateLength) && report.Shard >= 0 && report.Shard < running.Shards.Length)
        {
            try
            {
                var format = SecureUpdate.Format(plan.UpdateNormMax, running.Shards[report.Shard].Length);
                var total = SecureUpdate.Total(report.Sum.AsSpan(), report.Participants.Length, format, plan.UpdateNormMax, plan.Privacy is not null);
                return running.Report(report.Shard, report.Participants, total, report.Bytes, now);
            }
            catch (FormatException)
            {
                // Somebody in it did not keep to the rules, and nobody can say who: the shard is left out.
            }
        }
        return running.Report(report.Shard, [], null, 0, now);
    }
}

/// <summary>Whom a population's rounds are about.</summary>
internal static class FederatedClients
{
    public static IFederatedClient Client(this IGrainFactory grains, LearningInput input, string client) => input switch
    {
        LearningInput.Windows => grains.GetGrain<IDeviceGrain>(client),
        LearningInput.Frames => grains.GetGrain<IRoomGrain>(client),
        _ => grains.GetGrain<ILearnerGrain>(client),
    };
}
