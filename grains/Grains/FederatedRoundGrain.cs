using System.Runtime.InteropServices;
using CitySafeSense.Contracts;
using CitySafeSense.Contracts.Ports;
using CitySafeSense.Federation;
using CitySafeSense.Learning;
using CitySafeSense.Privacy;

namespace CitySafeSense.Grains;

/// <summary>
/// The rounds of one population: `{population}`. Guards the state machine of <see cref="Round"/>, clips and sums reports, commits.
/// Sums and reports live in memory until the commit: a round whose grain dies is abandoned, never half committed.
/// </summary>
public sealed class FederatedRoundGrain(
    [PersistentState("rounds", "models")] IPersistentState<RoundsState> state,
    IBlobStore blobs, GlobalModels models, IServerOptimiser server, TimeProvider time) : Grain, IFederatedRoundGrain
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private readonly HashSet<string> checkedIn = new(StringComparer.Ordinal);
    private Round? round;
    private FixedPointSum? sum;
    private (long Millionths, long Samples) loss;
    private IGrainTimer? deadline;
    private TaskCompletionSource over = new();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (state.State.Recent.LastOrDefault() is not { Ended: null } unfinished) return;
        // The model is the truth: if it was committed, the round was, even if there was no time to write that down.
        var current = await GrainFactory.GetGrain<IModelGrain>(this.GetPrimaryKeyString()).Current();
        state.State.Recent[^1] = current?.Round == unfinished.Round
            ? unfinished with { Phase = nameof(RoundPhase.Committed), Outcome = current.Hash, Ended = time.GetUtcNow() }
            : unfinished with { Phase = nameof(RoundPhase.Abandoned), Outcome = "the coordinator was restarted", Ended = time.GetUtcNow() };
        await state.WriteStateAsync();
    }

    public Task CheckIn(string device)
    {
        if (checkedIn.Count < Limits.CheckedInDevices) checkedIn.Add(device);
        return Task.CompletedTask;
    }

    public async Task<int> Start(RoundTerms terms)
    {
        if (round is { IsOver: false }) throw new InvalidOperationException($"round {round.Number} is {round.Phase}; one round runs at a time");
        var population = this.GetPrimaryKeyString();
        var basis = await models.Load(await GrainFactory.GetGrain<IModelGrain>(population).Current()
            ?? throw new InvalidOperationException($"population {population} has no model to train"));
        var number = (state.State.Recent.LastOrDefault()?.Round ?? 0) + 1;
        round = Round.Open(terms.ToPlan(number), basis.Info.Hash, time.GetUtcNow());
        (sum, loss, over) = (new FixedPointSum(basis.Weights.Length), default, new());
        state.State.Recent = [.. state.State.Recent.Append(Describe(null)).TakeLast(Limits.RecentRounds)];
        // Ticking keeps the grain here for as long as the round lasts; before the deadline a tick changes nothing.
        deadline = this.RegisterGrainTimer(() => Apply(new RoundCommand.DeadlinePassed()), new GrainTimerCreationOptions(Tick, Tick) { KeepAlive = true });
        try
        {
            await state.WriteStateAsync();
            await Apply(new RoundCommand.Select(checkedIn));
            foreach (var device in round.Invited)
                await GrainFactory.GetGrain<IDeviceGrain>(device).Participate(new Invitation(population, number, basis.Info, terms));
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
        if (round is null || report.Round != round.Number) return;
        var sends = Strategy.Named(round.Plan.Instructions.Strategy).Contribution == Contribution.Sent;
        if (sends == report.Delta.IsDefaultOrEmpty) return; // an empty report must not count towards the goal, nor a kept one be summed
        // Clipped before it counts: a report that cannot be clipped is refused and the participant may send another.
        var update = report.Delta.IsDefaultOrEmpty ? null
            : ClippedUpdate.Clip(ImmutableCollectionsMarshal.AsArray(report.Delta), report.Samples, round.Plan.UpdateNormMax);
        var (next, effects) = round.Apply(new RoundCommand.Report(report.Device), time.GetUtcNow());
        if (effects.OfType<RoundEffect.Accept>().Any())
        {
            if (update is not null) sum!.Add(update);
            // In integers, so that the mean does not depend on who is fast.
            if (Math.Abs(report.Loss) < 1e6) loss = (loss.Millionths + (long)Math.Round(report.Loss * 1e6) * report.Samples, loss.Samples + report.Samples);
        }
        round = next;
        if (effects.OfType<RoundEffect.Aggregate>().Any()) await Aggregate();
    }

    public async Task<RoundStatus> Watch(int number, TimeSpan patience)
    {
        if (round is { IsOver: false } && round.Number == number)
            await Task.WhenAny(over.Task, Task.Delay(patience < Limits.Patience ? patience : Limits.Patience, time));
        return round?.Number == number && !round.IsOver ? Describe(null)
            : state.State.Recent.FirstOrDefault(r => r.Round == number) ?? throw new KeyNotFoundException($"there was no round {number}");
    }

    public Task<RoundsView> Recent() => Task.FromResult(new RoundsView(checkedIn.Count, state.State.Recent.AsEnumerable().Reverse().ToImmutableArray()));

    private async Task Apply(RoundCommand command)
    {
        var (next, effects) = round!.Apply(command, time.GetUtcNow());
        round = next;
        if (effects.OfType<RoundEffect.Aggregate>().Any()) await Aggregate();
        if (effects.OfType<RoundEffect.Close>().Any()) await Close();
    }

    private async Task Aggregate()
    {
        try
        {
            await Apply(new RoundCommand.Commit(await NextModel()));
        }
        catch (Exception e)
        {
            await Apply(new RoundCommand.Abandon(e.Message));
        }
    }

    private async Task<string> NextModel()
    {
        var population = GrainFactory.GetGrain<IModelGrain>(this.GetPrimaryKeyString());
        var basis = await models.Load((await population.Current())!);
        if (sum!.Updates == 0) return basis.Info.Hash;
        var hash = await blobs.Put(new ParameterVector(server.Step(basis.Weights.Span, sum)).ToBytes());
        return (await population.Commit(round!.BaseModel, hash, round.Number, round.Plan.Instructions.Strategy, round.Reported.Count)).Hash;
    }

    private async Task Close()
    {
        deadline?.Dispose();
        state.State.Recent[^1] = Describe(time.GetUtcNow());
        await state.WriteStateAsync();
        sum = null;
        over.TrySetResult();
    }

    private RoundStatus Describe(DateTimeOffset? ended) => new(
        round!.Number, round.Phase.ToString(), round.Plan.Instructions.Strategy, round.BaseModel, round.Outcome, round.Invited.Length, round.Reported.Count,
        sum?.Clipped ?? 0, loss.Samples == 0 ? 0 : loss.Millionths / 1e6 / loss.Samples, round.Started, ended);
}

[GenerateSerializer, Alias("citysafe.RoundsState")]
public sealed class RoundsState
{
    [Id(0)] public int Version { get; set; } = 1;

    /// <summary>Oldest first; the last may be running.</summary>
    [Id(1)] public List<RoundStatus> Recent { get; set; } = [];
}
