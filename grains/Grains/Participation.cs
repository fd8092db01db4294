using System.Runtime.InteropServices;
using CitySafeSense.Contracts;
using CitySafeSense.Contracts.Ports;
using CitySafeSense.Federation;
using CitySafeSense.Learning;
using CitySafeSense.Privacy;

namespace CitySafeSense.Grains;

/// <summary>A client's part in rounds, whatever it learns from: trains on the compute pool, keeps its personal model durably, makes the report. One grain has one.</summary>
/// <param name="leave">The grain's DeactivateOnIdle.</param>
internal sealed class Participation(
    string client, IPersistentState<DeviceState> state, IBlobStore blobs, IComputePool pool, GlobalModels models, IRandomBytes random, IGrainFactory grains, Action leave)
{
    private readonly SecureParticipation secure = new(random, pool);

    /// <summary>As it is stored: never ahead of storage.</summary>
    public DeviceState Stored { get; private set; } = new();

    public PersonalModel? Personal { get; private set; }

    /// <summary>What was stored when the grain was last here.</summary>
    public async Task Load()
    {
        Stored = state.State.Copy();
        if (Stored.PersonalModel is not { } hash) return;
        try
        {
            var bytes = await blobs.Get(hash);
            // Older models stand for themselves; from here on they differ from the version that their client last started from.
            var basis = PersonalModel.BasisOf(bytes) ?? Stored.GlobalModel;
            var weights = basis is null ? ReadOnlyMemory<float>.Empty : await models.Weights(basis);
            Personal = PersonalModel.Decode(bytes, basis ?? "", weights);
        }
        catch (Exception e) when (e is KeyNotFoundException or FormatException)
        {
            // Lost or of an unknown version: the client goes on with the global model and makes a new one in its next round.
        }
    }

    /// <summary>Says that it would take part; answers when to say so again.</summary>
    public Task<TimeSpan> CheckIn(string population) => grains.GetGrain<IFederatedRoundGrain>(population).CheckIn(client, secure.Credential);

    /// <summary>Blends, trains, remembers and reports; nothing if this round was taken part in already.</summary>
    public async Task TakePart(Invitation invitation, Func<ModelRuntime, Examples> training)
    {
        if (invitation.Round <= state.State.LastRound) return;
        var (model, before) = (await models.Load(invitation.Model), Personal);
        var examples = training(model.Runtime);
        if (examples.Count == 0) return;
        var (result, update, personal) = await pool.Run(() => Step(model, before, examples, invitation));
        await Remember(invitation, personal);
        if (invitation.Seat is not { } seat)
        {
            var report = new RoundReport(client, invitation.Round, result.Samples, result.Loss, ImmutableCollectionsMarshal.AsImmutableArray(update));
            await grains.GetGrain<IFederatedRoundGrain>(invitation.Population).Report(report);
            return;
        }
        var terms = invitation.Terms;
        var vector = SecureUpdate.Of(result.Delta, result.Samples, result.Loss, terms.UpdateNormMax, terms.Privacy is not null);
        await grains.GetGrain<ISecureShardGrain>(seat.Shard).Advertise(seat.Place, await secure.Sit(seat, vector, terms.UpdateNormMax));
    }

    /// <summary>First the name, then what it leads to. False if there was nothing.</summary>
    public async Task<bool> Forget()
    {
        var had = state.RecordExists;
        var personal = Stored.PersonalModel;
        try
        {
            if (had) await state.ClearStateAsync();
        }
        catch
        {
            leave();
            throw;
        }
        (Stored, Personal) = (new(), null);
        if (personal is not null) await blobs.Delete(personal);
        return had;
    }

    public Task<ImmutableArray<byte>> Secure(SecureCall call) => secure.Step(call);

    public async Task<EvaluationReport> Judge(Invitation received, JudgedModel judged, Func<ModelRuntime, Examples> training, Examples heldOut)
    {
        var (model, own) = (await models.Load(received.Model), Personal);
        var examples = training(model.Runtime);
        var evaluation = await pool.Run(() => model.Runtime.With(workspace =>
        {
            var (science, instructions) = (model.Runtime.Model, received.Terms.ToInstructions(received.Round));
            var weights = judged == JudgedModel.Global || examples.Count == 0 ? model.Weights.ToArray() : ClientStep.Use(science, model.Received, own, examples, instructions, client, workspace);
            if (judged == JudgedModel.Trained) weights = ClientStep.Trained(science, weights, examples, instructions, client, workspace);
            return Evaluation.Of(science, weights, heldOut, workspace);
        }));
        return new EvaluationReport(model.Runtime.Model.Outputs, [.. evaluation.Classification.Counts], evaluation.Loss, own?.EncodedBytes ?? 0);
    }

    private (ClientResult Result, byte[] Update, PersonalModel? Personal) Step(LoadedModel model, PersonalModel? before, Examples examples, Invitation invitation)
    {
        var result = model.Runtime.With(workspace => ClientStep.Run(model.Runtime.Model, model.Received, before, examples, invitation.Terms.ToInstructions(invitation.Round), client, workspace));
        if (result.Delta is not { } delta || invitation.Seat is not null) return (result, [], result.Personal);
        var codec = UpdateCodec.Parse(invitation.Terms.Codec);
        var residual = before?.Residual ?? [];
        var update = codec.EncodeWithFeedback(delta, ref residual);
        // What a strategy does not keep stays as it was; what the codec left out is kept whatever the strategy.
        return (result, update, result.Personal is null && !codec.HasErrorFeedback ? null : (result.Personal ?? before ?? PersonalModel.Empty) with { Residual = residual });
    }

    /// <summary>The new weights are durable before their name is, and the old ones go last: at every moment the name leads to bytes.</summary>
    private async Task Remember(Invitation invitation, PersonalModel? next)
    {
        var old = state.State.PersonalModel;
        state.State.LastRound = invitation.Round;
        state.State.GlobalModel = invitation.Model.Hash;
        if (next is not null)
        {
            state.State.PersonalModel = await blobs.Put(next.Encode(Numerics.StableHash.Of(client)));
            state.State.PersonalRound = invitation.Round;
        }
        await state.WriteOrLeave(leave);
        Stored = state.State.Copy();
        Personal = next ?? Personal;
        if (old is not null && old != Stored.PersonalModel) await blobs.Delete(old);
    }
}

/// <summary>What of a client is stored: membership and names of models. No window, no position.</summary>
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
