using System.Runtime.InteropServices;
using CitySafeSense.Contracts;
using CitySafeSense.Contracts.Ports;
using CitySafeSense.Federation;
using CitySafeSense.Learning;
using CitySafeSense.Sensing;

namespace CitySafeSense.Grains;

/// <summary>One device: `{device id}`. Infers with its personal model, else the current global one; learns on its own windows; keeps them in memory only.</summary>
public sealed class DeviceGrain(
    [PersistentState("device", "devices")] IPersistentState<DeviceState> state,
    IBlobStore blobs, IComputePool pool, GlobalModels models, CityOptions city, TimeProvider time) : Grain, IDeviceGrain
{
    private readonly LearningBuffer buffer = new();
    private PersonalModel? personal;
    private DeviceState stored = new();
    private long? checkedIn;
    private long windowsSeen;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        stored = state.State.Copy();
        if (stored.PersonalModel is not { } hash) return;
        try
        {
            personal = PersonalModel.Decode(await blobs.Get(hash));
        }
        catch (Exception e) when (e is KeyNotFoundException or FormatException)
        {
            // Lost or of an unknown version: the device goes on with the global model and makes a new one in its next round.
        }
    }

    public async Task<Observation> Ingest(ImmutableArray<byte> frame)
    {
        if (WindowFrame.Decode(frame.AsSpan(), labelsAllowed: true, out var header, out var window) is not FrameRejection.None and var rejection)
            throw new ArgumentException($"frame refused: {rejection}");
        windowsSeen++;
        buffer.Add(header!, window!);
        await CheckIn();
        var change = VelocityChange.Of(window!);
        if (await models.Current(GrainFactory, city.Population) is not { Info.Round: > 0 } model)
            return new Observation(null, 0, change.EastMetresPerSecond, change.NorthMetresPerSecond, null);
        var (best, probability) = model.Runtime.Classify(WeightsInUse(model), window!);
        return new Observation((byte)best, probability, change.EastMetresPerSecond, change.NorthMetresPerSecond, model.Info.Hash);
    }

    public async Task Participate(Invitation invitation)
    {
        if (invitation.Round <= state.State.LastRound || buffer.Labelled == 0) return;
        var (device, model, before) = (this.GetPrimaryKeyString(), await models.Load(invitation.Model), personal);
        var examples = model.Runtime.Examples(buffer.LabelledWindows());
        var result = await pool.Run(() => model.Runtime.With(workspace => ClientStep.Run(
            model.Runtime.Model, model.Weights.Span, before, examples, invitation.Terms.ToInstructions(invitation.Round), device, workspace)));
        await Remember(invitation, result.Personal);
        var delta = result.Delta is { } values ? ImmutableCollectionsMarshal.AsImmutableArray(values) : [];
        await GrainFactory.GetGrain<IFederatedRoundGrain>(invitation.Population)
            .Report(new RoundReport(device, invitation.Round, result.Samples, result.Loss, delta));
    }

    public async Task<EvaluationReport> Evaluate(Invitation received, ImmutableArray<ImmutableArray<byte>> frames)
    {
        var (device, model, own) = (this.GetPrimaryKeyString(), await models.Load(received.Model), personal);
        var (training, judged) = (model.Runtime.Examples(buffer.LabelledWindows()), model.Runtime.Examples(LearningBuffer.Decode(frames)));
        var evaluation = await pool.Run(() => model.Runtime.With(workspace =>
        {
            var instructions = received.Terms.ToInstructions(received.Round);
            var weights = ClientStep.Use(model.Runtime.Model, model.Weights.Span, own, training, instructions, device, workspace);
            return Evaluation.Of(model.Runtime.Model, weights, judged, workspace);
        }));
        return new EvaluationReport(model.Runtime.Model.Outputs, [.. evaluation.Classification.Counts], evaluation.Loss);
    }

    public Task<DeviceStatus> Status() => Task.FromResult(new DeviceStatus(
        this.GetPrimaryKeyString(), stored.LastRound, stored.GlobalModel, stored.PersonalModel, buffer.Count, windowsSeen));

    /// <summary>Said again every few minutes: whoever keeps the list keeps it in memory.</summary>
    private async Task CheckIn()
    {
        if (buffer.Labelled < Limits.WindowsToTakePart || (checkedIn is { } at && time.GetElapsedTime(at) < Limits.CheckInPeriod)) return;
        await GrainFactory.GetGrain<IFederatedRoundGrain>(city.Population).CheckIn(this.GetPrimaryKeyString());
        checkedIn = time.GetTimestamp();
    }

    /// <summary>The personal model, unless the global one has since gone on by so many rounds that it has learned more from others than this device from itself.</summary>
    private ReadOnlyMemory<float> WeightsInUse(LoadedModel global) =>
        personal is { } own && own.Weights.Length == global.Weights.Length && global.Info.Round - stored.PersonalRound <= Limits.PersonalModelRounds
            ? own.Weights
            : global.Weights;

    /// <summary>The new weights are durable before their name is, and the old ones go last: at every moment the name leads to bytes.</summary>
    private async Task Remember(Invitation invitation, PersonalModel? next)
    {
        var old = state.State.PersonalModel;
        state.State.LastRound = invitation.Round;
        state.State.GlobalModel = invitation.Model.Hash;
        if (next is not null)
        {
            state.State.PersonalModel = await blobs.Put(next.Encode(Numerics.StableHash.Of(this.GetPrimaryKeyString())));
            state.State.PersonalRound = invitation.Round;
        }
        await state.WriteOrLeave(DeactivateOnIdle);
        stored = state.State.Copy();
        personal = next ?? personal;
        if (old is not null && old != stored.PersonalModel) await blobs.Delete(old);
    }
}

/// <summary>What of a device is stored: membership and names of models. No window, no position.</summary>
[GenerateSerializer, Alias("citysafe.DeviceState")]
public sealed class DeviceState
{
    [Id(0)] public int Version { get; set; } = 1;
    [Id(1)] public int LastRound { get; set; }
    [Id(2)] public string? GlobalModel { get; set; }
    [Id(3)] public string? PersonalModel { get; set; }

    /// <summary>The round the personal model comes from; rounds of strategies without one go by and leave it as it is.</summary>
    [Id(4)] public int PersonalRound { get; set; }

    public DeviceState Copy() => (DeviceState)MemberwiseClone();
}
