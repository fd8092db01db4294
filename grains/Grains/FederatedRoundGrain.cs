using CitySafeSense.Contracts;
using CitySafeSense.Contracts.Ports;
using CitySafeSense.Federation;
using CitySafeSense.Learning;
using CitySafeSense.Privacy;

namespace CitySafeSense.Grains;

/// <summary>
/// The rounds of one population: `{population}`. Guards the state machine of <see cref="Round"/>, collects reports, commits.
/// Sums and reports live in memory until the commit: a round whose grain dies is abandoned, never half committed.
/// </summary>
public sealed class FederatedRoundGrain(
    [PersistentState("rounds", "models")] IPersistentState<RoundsState> state,
    IBlobStore blobs, GlobalModels models, IAggregationFactory aggregations, Noise noise, ICityClock clock, TimeProvider time) : Grain, IFederatedRoundGrain
{
    private const int SettleAttempts = 4;
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    /// <summary>With the public key that each signs with.</summary>
    private readonly Dictionary<string, ImmutableArray<byte>> checkedIn = new(StringComparer.Ordinal);
    private RunningRound? running;
    private IGrainTimer? deadline;
    private TaskCompletionSource over = new();

    private string Population => this.GetPrimaryKeyString();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (state.State.Recent.LastOrDefault() is not { Ended: null } unfinished) return;
        // The model is the truth: if it was committed, the round was, even if there was no time to write that down.
        state.State.Recent[^1] = await GrainFactory.GetGrain<IModelGrain>(Population).Settle(unfinished.Round) is { } committed
            ? unfinished with { Phase = nameof(RoundPhase.Committed), Outcome = committed.Hash, Ended = clock.Now(time) }
            : unfinished with { Phase = nameof(RoundPhase.Abandoned), Outcome = "the coordinator was restarted", Ended = clock.Now(time) };
        await state.WriteStateAsync();
    }

    public Task<TimeSpan> CheckIn(string client, ImmutableArray<byte> credential)
    {
        if (checkedIn.Count < Limits.CheckedInDevices || checkedIn.ContainsKey(client)) checkedIn[client] = credential;
        return Task.FromResult(PaceSteering.Next(checkedIn.Count, client));
    }

    public Task<bool> Withdraw(string client) => Task.FromResult(checkedIn.Remove(client));

    public async Task<int> Start(RoundTerms terms)
    {
        if (running?.Round is { IsOver: false } busy) throw new InvalidOperationException($"round {busy.Number} is {busy.Phase}; one round runs at a time");
        var basis = await models.Load(await GrainFactory.GetGrain<IModelGrain>(Population).Current()
            ?? throw new InvalidOperationException($"population {Population} has no model to train"));
        var number = (state.State.Recent.LastOrDefault()?.Round ?? 0) + 1;
        var round = Round.Open(terms.ToPlan(number), basis.Info.Hash, clock.Now(time), running?.Round);
        if (round.Plan.Privacy is { } privacy) Charge(privacy);
        (running, over) = (new RunningRound(round, basis.Weights.Length), new());
        state.State.Recent = [.. state.State.Recent.Append(Describe(null)).TakeLast(Limits.RecentRounds)];
        // Ticking keeps the grain here for as long as the round lasts; before the deadline a tick changes nothing.
        deadline = this.RegisterGrainTimer(() => Apply(new RoundCommand.DeadlinePassed()), new GrainTimerCreationOptions(Tick, Tick) { KeepAlive = true });
        try
        {
            await state.WriteOrLeave(DeactivateOnIdle); // what is spent is durable before anything is shown for it
            await Apply(round.Plan.Privacy is null ? new RoundCommand.Select(checkedIn.Keys) : new RoundCommand.SelectDrawn(Drawn(round.Plan.Privacy.SamplingRate)));
            running.CollectIn(length => aggregations.Create(round.Plan, length, NormMax(round.Plan), checkedIn.Count, running.Round.Invited.Length));
            var seats = await SecureShards.Open(GrainFactory, Population, running, basis.Info.Spec, checkedIn);
            foreach (var client in running.Round.Invited) await GrainFactory.Client(basis.Info.Spec.Input, client).Participate(new Invitation(Population, number, basis.Info, terms, seats.GetValueOrDefault(client)));
            await Apply(new RoundCommand.InvitationsSent());
        }
        catch (Exception e)
        {
            await Apply(new RoundCommand.Abandon(e.Message));
            throw;
        }
        return number;
    }

    public async Task Report(RoundReport report)
    {
        if (running is null || report.Round < 1 || running.Round.Plan.SecureSum is not null) return;
        await Do(running.Report(new ClientReport(report.Device, report.Update.AsMemory(), report.Samples, report.Loss, report.Round), clock.Now(time)));
    }

    public async Task Decline(string client, int round, string reason)
    {
        if (running?.Round.Number == round) await Apply(new RoundCommand.Decline(client, reason));
    }

    public async Task ReportShard(SecureShardReport report)
    {
        if (running is null || report.Round != running.Round.Number || running.Round.Plan.SecureSum is null) return;
        await Do(SecureShards.Report(running, report, clock.Now(time)));
    }

    public async Task<RoundStatus> Watch(int number, TimeSpan patience)
    {
        if (running?.Round is { IsOver: false } round && round.Number == number)
            await Task.WhenAny(over.Task, Task.Delay(patience < Limits.Patience ? patience : Limits.Patience, time));
        return running?.Round is { IsOver: false } still && still.Number == number ? Describe(null)
            : state.State.Recent.FirstOrDefault(r => r.Round == number) ?? throw new KeyNotFoundException($"there was no round {number}");
    }

    public Task<RoundsView> Recent() => Task.FromResult(new RoundsView(checkedIn.Count, state.State.Recent.AsEnumerable().Reverse().ToImmutableArray()));

    private Task Apply(RoundCommand command) => Do(running!.Apply(command, clock.Now(time)));

    private async Task Do(ImmutableArray<RoundEffect> effects)
    {
        if (effects.Any(e => e is RoundEffect.Aggregate)) await Aggregate();
        if (effects.Any(e => e is RoundEffect.Close)) await Close();
    }

    private async Task Aggregate()
    {
        RoundCommand outcome;
        try
        {
            outcome = new RoundCommand.Commit(await NextModel());
        }
        catch (Exception e)
        {
            if (await Settled(e.Message) is not { } settled) return;
            outcome = settled;
        }
        await Apply(outcome);
    }

    /// <summary>A commit that failed may have been done all the same. Where nobody can say, this activation goes, and the next one asks again.</summary>
    private async Task<RoundCommand?> Settled(string failure)
    {
        for (var attempt = 1; attempt <= SettleAttempts; attempt++)
        {
            try
            {
                return await GrainFactory.GetGrain<IModelGrain>(Population).Settle(running!.Round.Number) is { } committed ? new RoundCommand.Commit(committed.Hash) : new RoundCommand.Abandon(failure);
            }
            catch (Exception) when (attempt < SettleAttempts)
            {
                await Task.Delay(attempt * Tick, time);
            }
            catch (Exception)
            {
                break;
            }
        }
        deadline?.Dispose();
        DeactivateOnIdle();
        return null;
    }

    private async Task<string> NextModel()
    {
        var model = GrainFactory.GetGrain<IModelGrain>(Population);
        var basis = await models.Load((await model.Current())!);
        var (plan, reported) = (running!.Round.Plan, running.Round.Reported.Count);
        if (running.Aggregation is not { } aggregation) return basis.Info.Hash;
        var change = aggregation.Finish();
        if (aggregation is PrivateAggregation adapting && plan.Privacy!.AdaptsClipping) state.State.ClipNorm = adapting.NextNormMax();
        var (weights, memory) = Strategy.Named(plan.Instructions.Strategy).Server.Step(basis.Weights.Span, change, basis.Memory, plan.ServerRate, (double)reported / Math.Max(1, checkedIn.Count));
        var hash = await blobs.Put(new ParameterVector(weights).ToBytes());
        var commit = new ModelCommit(
            running.Round.BaseModel, hash, running.Round.Number, plan.Instructions.Strategy, plan.Privacy is { } privacy ? (int)Math.Round(privacy.SamplingRate * checkedIn.Count) : reported,
            running.MeanLoss, memory.IsEmpty ? null : await blobs.Put(memory.Encode()), plan.Privacy is null ? null : state.State.Epsilon);
        return (await model.Commit(commit)).Hash;
    }

    private async Task Close()
    {
        deadline?.Dispose();
        state.State.Recent[^1] = Describe(clock.Now(time));
        over.TrySetResult();
        await state.WriteOrLeave(DeactivateOnIdle);
    }

    private void Charge(PrivacyPlan plan)
    {
        var (spent, epsilon) = PrivacyLedger.Charge([.. state.State.Spent.Select(s => new GaussianSteps(s.SamplingRate, s.NoiseMultiplier, s.Rounds))], plan);
        state.State.Spent = [.. spent.Select(s => new SpentRounds(s.SamplingRate, s.NoiseMultiplier, s.Steps))];
        state.State.Epsilon = epsilon;
    }

    /// <summary>Everybody joins with the same probability, whoever else does.</summary>
    private string[] Drawn(double rate) => rate >= 1 ? [.. checkedIn.Keys] : [.. checkedIn.Keys.Order(StringComparer.Ordinal).Where(_ => noise.Chance(rate))];

    private double NormMax(RoundPlan plan) => plan.Privacy is { AdaptsClipping: true } && state.State.ClipNorm is { } adapted ? adapted : plan.UpdateNormMax;

    private RoundStatus Describe(DateTimeOffset? ended)
    {
        var round = running!.Round;
        return new(
            round.Number, round.Phase.ToString(), round.Plan.Instructions.Strategy, round.BaseModel, round.Outcome, round.Invited.Length, round.Reported.Count,
            running.Aggregation?.Clipped ?? 0, running.MeanLoss, round.Started, ended, running.UpdateBytes, round.Plan.Privacy is null ? null : state.State.Epsilon, round.DeclinedInWords);
    }
}

[GenerateSerializer, Alias("citysafe.RoundsState")]
public sealed class RoundsState
{
    [Id(0)] public int Version { get; set; } = 1;

    /// <summary>Oldest first; the last may be running.</summary>
    [Id(1)] public List<RoundStatus> Recent { get; set; } = [];

    /// <summary>What private rounds have spent, and the epsilon that it comes to.</summary>
    [Id(2)] public List<SpentRounds> Spent { get; set; } = [];

    [Id(3)] public double Epsilon { get; set; }

    /// <summary>The clip bound that the last adapting round left.</summary>
    [Id(4)] public double? ClipNorm { get; set; }
}

[GenerateSerializer, Immutable, Alias("citysafe.SpentRounds")]
public sealed record SpentRounds(double SamplingRate, double NoiseMultiplier, int Rounds);
