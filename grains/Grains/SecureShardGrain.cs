using CitySafeSense.Contracts;
using CitySafeSense.Contracts.Ports;
using CitySafeSense.Federation;
using CitySafeSense.Privacy;

namespace CitySafeSense.Grains;

/// <summary>One shard of a round that sums securely: `{population}/{round}/{shard}`. In memory only: if it is lost, its clients do not count in this round.</summary>
public sealed class SecureShardGrain(IComputePool pool, ICityClock clock, TimeProvider time) : Grain, ISecureShardGrain
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private readonly Dictionary<int, AdvertisedKeys> advertised = [];
    private SecureShard? shard;
    private SecureSumPlan? plan;
    private Dictionary<int, byte[]> registry = [];
    private IGrainTimer? timer;
    private long bytes;

    public Task Open(SecureShard opened)
    {
        if (shard is not null) return Task.CompletedTask;
        shard = opened;
        plan = new SecureSumPlan(
            this.GetPrimaryKeyString(), opened.Clients.Length, opened.Threshold, SecureUpdate.Length(opened.UpdateLength), SecureUpdate.Format(opened.UpdateNormMax, opened.Clients.Length));
        registry = Enumerable.Range(0, opened.Clients.Length).ToDictionary(p => p, p => opened.Credentials[p].ToArray());
        // The steps run in a timer's turn, not in that of the last client: it must be free to answer them.
        timer = this.RegisterGrainTimer(RunOnceComplete, new GrainTimerCreationOptions(Tick, Tick) { KeepAlive = true });
        return Task.CompletedTask;
    }

    public Task Advertise(int place, ImmutableArray<byte> keys)
    {
        if (shard is null || plan is null || SecureSumWire.ReadKeys(keys.AsSpan()) is not [var own] || own.Participant != place || !own.AreSigned(plan, registry) || !own.AreKeys) return Task.CompletedTask;
        bytes += keys.Length;
        if (advertised.TryAdd(place, own) && advertised.Count == shard.Clients.Length) timer?.Change(TimeSpan.Zero, Tick);
        return Task.CompletedTask;
    }

    private async Task RunOnceComplete()
    {
        if (advertised.Count < shard!.Clients.Length && clock.Now(time) < shard.JoinBy) return;
        timer?.Dispose();
        var report = new SecureShardReport(shard.Round, shard.Number, [], [], 0);
        try
        {
            var (survivors, sum) = await Sum();
            report = report with { Participants = [.. survivors.Select(s => shard.Clients[s])], Sum = [.. sum], Bytes = bytes };
        }
        catch (SecureSumException)
        {
            // Too few have stayed: a report of nobody says so.
        }
        await GrainFactory.GetGrain<IFederatedRoundGrain>(shard.Population).ReportShard(report);
        DeactivateOnIdle();
    }

    /// <summary>Who does not answer a step, or answers with what is no message of it, has dropped out from there on.</summary>
    private async Task<(IReadOnlyCollection<int> Survivors, double[] Sum)> Sum()
    {
        var server = new SecureSumServer(plan!);
        foreach (var keys in advertised.Values) server.Add(keys);
        var roster = SecureSumWire.Write(server.Roster);
        await Ask(advertised.Keys, SecureStep.ShareKeys, _ => roster, (place, answer) => server.Add(place, SecureSumWire.ReadShares(answer)));
        await Ask(server.Sharing, SecureStep.Mask, place => SecureSumWire.Write(server.PostFor(place)), (place, answer) => server.Add(new MaskedShare(place, answer)));
        var survivors = SecureSumWire.Write(server.Survivors);
        var signatures = new List<SurvivorSignature>();
        await Ask(server.Survivors, SecureStep.Agree, _ => survivors, (place, answer) => signatures.Add(new SurvivorSignature(place, answer)));
        var agreed = SecureSumWire.Write(signatures);
        await Ask([.. signatures.Select(s => s.Participant)], SecureStep.Reveal, _ => agreed, (place, answer) =>
        {
            if (SecureSumWire.ReadRevealed(answer) is var revealed && revealed.Participant == place) server.Add(revealed);
        });
        return (server.Survivors, await pool.Run(server.Sum));
    }

    private async Task Ask(IReadOnlyCollection<int> places, SecureStep step, Func<int, byte[]> payload, Action<int, byte[]> take)
    {
        var patience = Task.Delay(shard!.StepTime, time);
        var asked = places.Select(p => (Place: p, Answer: Client(p).Secure(new SecureCall(this.GetPrimaryKeyString(), step, [.. payload(p)])))).ToArray();
        foreach (var (place, answer) in asked)
        {
            try
            {
                if (await Task.WhenAny(answer, patience) != answer) throw new TimeoutException($"no answer within {shard.StepTime}");
                var message = (await answer).ToArray();
                bytes += message.Length;
                take(place, message);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // Refused, lost, late or nonsense: whatever it was, it was no answer.
            }
        }
    }

    private IFederatedClient Client(int place) => GrainFactory.Client(shard!.Input, shard.Clients[place]);
}
