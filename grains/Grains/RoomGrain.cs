using CitySafeSense.Contracts;
using CitySafeSense.Contracts.Ports;
using CitySafeSense.Learning;
using CitySafeSense.Privacy;
using CitySafeSense.Sensing;

namespace CitySafeSense.Grains;

/// <summary>One room: `{room}`. Takes part in rounds as a device does; its threshold is learned from its own ordinary frames, anew with each model.</summary>
public sealed class RoomGrain : Grain, IRoomGrain
{
    private readonly Participation participation;
    private readonly GlobalModels models;
    private readonly IComputePool pool;
    private readonly RoomFrames frames = new(Limits.FramesPerRoom);
    private readonly ScoreWatch watch = new();
    private string? population, learned;

    public RoomGrain(
        [PersistentState("room", "devices")] IPersistentState<DeviceState> state, IBlobStore blobs, IComputePool pool, GlobalModels models, IRandomBytes random)
    {
        (this.models, this.pool) = (models, pool);
        participation = new Participation(this.GetPrimaryKeyString(), state, blobs, pool, models, random, GrainFactory, DeactivateOnIdle);
    }

    public override Task OnActivateAsync(CancellationToken cancellationToken) => participation.Load();

    public async Task<int> Learn(string population, ImmutableArray<ImmutableArray<byte>> frames)
    {
        var model = await Current(population);
        foreach (var frame in frames) RoomFrames.Require(frame, model.Info.Spec);
        (this.population, learned) = (population, null);
        this.frames.Keep(frames);
        if (this.frames.Count > 0) await participation.CheckIn(population);
        return this.frames.Count;
    }

    public async Task<RoomObservation> Look(ImmutableArray<byte> frame)
    {
        if (population is null || frames.Count == 0) throw new ArgumentException($"room {this.GetPrimaryKeyString()} has learned nothing yet: give it frames of ordinary life first");
        var model = await Current(population);
        RoomFrames.Require(frame, model.Info.Spec);
        var weights = participation.Personal is { Weights: { Length: > 0 } own } ? own.ToArray() : model.Weights.ToArray();
        var name = $"{model.Info.Hash} {participation.Stored.PersonalModel}";
        if (learned != name) (watch.Ordinary, learned) = (await pool.Run(() => frames.Threshold(model.Runtime, weights)), name);
        var seen = watch.Next((await pool.Run(() => RoomFrames.Scores(model.Runtime, weights, [frame])))[0].Mean);
        var happened = seen.Begins is { } share ? new Observation((byte)ActivityClass.UnusualScene, (float)share, 0, 0, model.Info.Hash) : null;
        return new RoomObservation(seen.Score, seen.Threshold, seen.IsAbove, happened);
    }

    public async Task<ImmutableArray<FrameScore>> Score(Invitation received, JudgedModel model, ImmutableArray<ImmutableArray<byte>> frames)
    {
        foreach (var frame in frames) RoomFrames.Require(frame, received.Model.Spec);
        var (runtime, weights) = await participation.Weights(received, model, Training);
        return [.. (await pool.Run(() => RoomFrames.Scores(runtime, weights, frames))).Select(s => new FrameScore(s.Mean, s.WorstPatch, s.WorstSixteenth, s.Dissimilarity, s.Change))];
    }

    public Task Participate(Invitation invitation) => participation.TakePart(invitation, Training);

    public Task<ImmutableArray<byte>> Secure(SecureCall call) => participation.Secure(call);

    /// <summary>A reconstruction has no classes: what it says is the loss.</summary>
    public async Task<EvaluationReport> Judge(Invitation received, JudgedModel model)
    {
        var (runtime, weights) = await participation.Weights(received, model, Training);
        return new EvaluationReport(1, [frames.Count], await pool.Run(() => frames.MeanScore(runtime, weights)));
    }

    private Examples Training(ModelRuntime runtime) => frames.Examples(runtime);

    private async Task<LoadedModel> Current(string population) => await GrainFactory.GetGrain<IModelGrain>(population).Current() is { } info
        ? await models.Load(info) : throw new ArgumentException($"population {population} has no model yet");
}
