using System.Globalization;
using CitySafeSense.Contracts;
using CitySafeSense.Contracts.Ports;
using CitySafeSense.Federation;
using Microsoft.Extensions.Logging;

namespace CitySafeSense.Grains;

/// <summary>Which version answers and which is on trial: `{population}`. Guards <see cref="ModelRelease"/>; what has been counted of a trial is in memory only, and a restart counts anew.</summary>
public sealed class ModelReleaseGrain(
    [PersistentState("release", "models")] IPersistentState<ReleasesState> state, HoldoutEvaluator evaluator, ReleasePolicy policy, ICityClock clock, TimeProvider time, ILogger<ModelReleaseGrain> log) : Grain, IModelReleaseGrain
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private TrialCounts seen;
    private HoldoutComparison? holdout;

    private ModelRelease Release => state.State.ToScience();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await Look();
        this.RegisterGrainTimer(() => clock.IsStepped ? Task.CompletedTask : Look(), new GrainTimerCreationOptions(Tick, Tick));
    }

    public Task<ModelsInUse> InUse(TrialReport report)
    {
        if (report.Candidate == Release.Candidate && report.Share == Share) seen += new TrialCounts(report.Windows, report.Alarms, report.ReleasedWindows, report.ReleasedAlarms);
        return Task.FromResult(new ModelsInUse(state.State.Known(Release.Released), state.State.Known(Release.Candidate), Share));
    }

    public async Task<ReleaseView> Promote(int? version, bool force)
    {
        if (version is { } wanted && wanted != Release.Candidate)
        {
            if (wanted == Release.Released) throw new InvalidOperationException($"version {wanted} is released already");
            await Become(Release.Try(wanted), wanted, "on trial, by hand");
            return View();
        }
        if (Release.Stage == ReleaseStage.None) throw new InvalidOperationException("no version is on trial: name one");
        await Weigh();
        var (verdict, reason) = ReleaseGate.Decide(policy, seen, holdout);
        if (verdict != Verdict.Passes && !force) throw new InvalidOperationException($"version {Release.Candidate} may not go on: {reason}");
        await Become(Release.Advanced(), Release.Candidate, $"{(verdict == Verdict.Passes ? "goes on" : "goes on against the gate")}, by hand: {reason}");
        return View();
    }

    public async Task<ReleaseView> Rollback()
    {
        var left = Release.Stage == ReleaseStage.None ? Release.Released : Release.Candidate;
        await Become(Release.RolledBack(), left, "rolled back, by hand");
        return View();
    }

    public async Task<ReleaseView> Pin(int version)
    {
        await Become(Release.Pinned(version), version, "pinned");
        return View();
    }

    public async Task<ReleaseView> Unpin()
    {
        await Become(Release.Unpinned(), Release.Released, "unpinned");
        return View();
    }

    public Task Advance() => Look();

    public Task<ReleaseView> Show() => Task.FromResult(View());

    private double Share => Release.Stage == ReleaseStage.Canary ? policy.CanaryShare : 0;

    /// <summary>A new version goes on trial; the one that is on trial goes on, or goes.</summary>
    private async Task Look()
    {
        if (await GrainFactory.GetGrain<IModelGrain>(this.GetPrimaryKeyString()).Current() is not { } newest) return;
        await Admit(newest);
        if (Release.Stage == ReleaseStage.None || policy.Pace == ReleasePace.ByHand) return;
        await Weigh();
        var (verdict, reason) = ReleaseGate.Decide(policy, seen, holdout);
        if (verdict == Verdict.Passes) await Become(Release.Advanced(), Release.Candidate, $"{(Release.Stage == ReleaseStage.Shadow ? "canary" : "released")}: {reason}");
        if (verdict == Verdict.Fails) await Reject(Release.Rejected(), Release.Candidate, reason);
    }

    /// <summary>The newest version is released as the first trained one, goes on trial, takes the place of a clearly worse candidate, or waits.</summary>
    private async Task Admit(ModelInfo newest)
    {
        if (Release.IsHeld || newest.Version <= Math.Max(Math.Max(Release.Released, Release.Withdrawn), Release.Candidate)) return;
        if (state.State.Known(Release.Candidate) is { } candidate)
        {
            if (policy.Pace == ReleasePace.Automatic && await evaluator.Compare(candidate, newest) is { } compared && compared.IsClearGain(policy.ClearGainMin))
                await Become(Release.Superseded(newest.Version), newest.Version, $"on trial in place of version {candidate.Version}, which is clearly less accurate");
            return;
        }
        var isTrained = state.State.Known(Release.Released) is { Round: > 0 };
        var classified = isTrained || newest.Round == 0 ? null : await evaluator.Evaluate(newest);
        var next = Release.Committed(newest.Version, isTrained, classified is null || classified.Accuracy > classified.MajorityAccuracy);
        var accuracy = classified is null ? "" : string.Create(CultureInfo.InvariantCulture, $"; held-out accuracy {classified.Accuracy:P1}, majority class {classified.MajorityAccuracy:P1}");
        if (next.Rejections > Release.Rejections) await Reject(next, newest.Version, $"not better than always answering the commonest class{accuracy}");
        else if (next != Release) await Become(next, newest.Version, next.Released != newest.Version ? "on trial" : newest.Round == 0 ? "released untrained" : $"released as the first trained version{accuracy}");
    }

    private async Task Reject(ModelRelease next, int version, string reason)
    {
        await Become(next, version, $"rejected: {reason}");
        if (Warning is { } warning) log.LogWarning("Model {Population}: {Warning}", this.GetPrimaryKeyString(), warning);
    }

    private string? Warning => Release.Rejections < policy.RejectionsWarned ? null
        : $"the last {Release.Rejections} versions were rejected; version {Release.Released} still answers: look at `models list`";

    private async Task Weigh() =>
        holdout ??= state.State.Known(Release.Candidate) is { } candidate && state.State.Known(Release.Released) is { } released ? await evaluator.Compare(released, candidate) : null;

    /// <exception cref="KeyNotFoundException">A version in it does not exist.</exception>
    private async Task Become(ModelRelease next, int version, string what)
    {
        var history = await GrainFactory.GetGrain<IModelGrain>(this.GetPrimaryKeyString()).History();
        ModelInfo Known(int v) => history.FirstOrDefault(m => m.Version == v) ?? state.State.Known(v) ?? throw new KeyNotFoundException($"there is no version {v}");
        ModelInfo[] needed = [.. new[] { next.Released, next.Before, next.Candidate }.Where(v => v > 0).Distinct().Select(Known)];
        if (next.Candidate != Release.Candidate) holdout = null; // the next stage asks the same of the same
        if (next.Candidate != Release.Candidate || next.Stage != Release.Stage) seen = default;
        state.State.Take(next, needed, new ReleaseEvent(clock.Now(time), version, what));
        await state.WriteOrLeave(DeactivateOnIdle);
    }

    private ReleaseView View()
    {
        var standing = Release.Stage == ReleaseStage.None ? (Release.IsHeld ? "nothing new is tried until it is unpinned" : "no version is on trial") : ReleaseGate.Decide(policy, seen, holdout).Reason;
        return new(Release.Released, Release.Before, Release.Candidate, Release.Stage.ToString(), Release.IsHeld, standing, [.. state.State.Events.AsEnumerable().Reverse()], Warning);
    }
}

[GenerateSerializer, Alias("citysafe.ReleasesState")]
public sealed class ReleasesState
{
    [Id(0)] public int Version { get; set; } = 1;
    [Id(1)] public int Released { get; set; }
    [Id(2)] public int Before { get; set; }
    [Id(3)] public int Candidate { get; set; }
    [Id(4)] public string Stage { get; set; } = nameof(ReleaseStage.None);
    [Id(5)] public bool IsHeld { get; set; }
    [Id(6)] public int Withdrawn { get; set; }

    [Id(9)] public int Rejections { get; set; }

    /// <summary>The versions named above.</summary>
    [Id(7)] public List<ModelInfo> Versions { get; set; } = [];

    /// <summary>Oldest first.</summary>
    [Id(8)] public List<ReleaseEvent> Events { get; set; } = [];

    public ModelInfo? Known(int version) => Versions.FirstOrDefault(v => v.Version == version);

    public ModelRelease ToScience() => new(Released, Before, Candidate, Enum.Parse<ReleaseStage>(Stage), IsHeld, Withdrawn, Rejections);

    public void Take(ModelRelease release, IEnumerable<ModelInfo> versions, ReleaseEvent what)
    {
        (Released, Before, Candidate, Stage) = (release.Released, release.Before, release.Candidate, release.Stage.ToString());
        (IsHeld, Withdrawn, Rejections) = (release.IsHeld, release.Withdrawn, release.Rejections);
        Versions = [.. versions];
        Events = [.. Events.Append(what).TakeLast(Limits.ReleaseEvents)];
    }
}
