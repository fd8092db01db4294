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
    private readonly SecureClient secure = new(random);

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
    public Task<TimeSpan> CheckIn(string population) => grains.GetGrain<IFederatedRoundGrain>(population).CheckIn(client, [.. secure.Credential]);

    /// <summary>Blends, trains, remembers and reports, or declines and says why; nothing if this round was taken part in already.</summary>
    public async Task TakePart(Invitation invitation, Func<ModelRuntime, Examples> training)
    {
        if (invitation.Round <= state.State.LastRound) return;
        var (model, before) = (await models.Load(invitation.Model), Personal);
        var examples = training(model.Runtime);
        if (examples.Count == 0)
        {
            await Decline(invitation, "it has nothing to learn from");
            return;
        }
        (ClientResult Result, byte[] Update, PersonalModel? Personal) step;
        try
        {
            step = await pool.Run(() => Step(model, before, examples, invitation));
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or ArithmeticException)
        {
            // Bad examples or divergence: the client is left out of this round and reports why.
            await Decline(invitation, e.Message);
            return;
        }
        var (result, update, personal) = step;
        await Remember(invitation, personal);
        if (invitation.Seat is not { } seat)
        {
            var report = new RoundReport(client, invitation.Round, result.Samples, result.Loss, ImmutableCollectionsMarshal.AsImmutableArray(update));
            await grains.GetGrain<IFederatedRoundGrain>(invitation.Population).Report(report);
            return;
        }
        var terms = invitation.Terms;
        var vector = SecureUpdate.Of(result.Delta, result.Samples, result.Loss, terms.UpdateNormMax, terms.Privacy is not null);
        var keys = await pool.Run<ImmutableArray<byte>>(() => [.. secure.Sit(seat.ToPlace(), vector, terms.UpdateNormMax)]);
        await grains.GetGrain<ISecureShardGrain>(seat.Shard).Advertise(seat.Place, keys);
    }

    private Task Decline(Invitation invitation, string reason) => grains.GetGrain<IFederatedRoundGrain>(invitation.Population).Decline(client, invitation.Round, reason);

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

    public Task<ImmutableArray<byte>> Secure(SecureCall call) => pool.Run<ImmutableArray<byte>>(() => [.. secure.Answer(call.Shard, call.Step.ToScience(), call.Payload.AsSpan())]);

    /// <summary>Remembers that the device itself does all of this, elsewhere; its windows and weights stay there.</summary>
    public Task TrainsItself() => Stored.TrainsItself ? Task.CompletedTask : Store(() => state.State.TrainsItself = true);

    /// <summary>Remembers the last round that was taken part in elsewhere.</summary>
    public Task Reported(int round) => round <= Stored.LastRound ? Task.CompletedTask : Store(() => state.State.LastRound = round);

    public async Task<EvaluationReport> Judge(Invitation received, JudgedModel judged, Func<ModelRuntime, Examples> training, Examples heldOut)
    {
        var (runtime, weights) = await Weights(received, judged, training);
        var evaluation = await pool.Run(() => runtime.With(workspace => Evaluation.Of(runtime.Model, weights, heldOut, workspace)));
        return new EvaluationReport(runtime.Model.Outputs, [.. evaluation.Classification.Counts], evaluation.Loss, Personal?.EncodedBytes ?? 0);
    }

    /// <summary>The weights of one of the client's models, were it to receive what it has received now.</summary>
    public async Task<(ModelRuntime Runtime, float[] Weights)> Weights(Invitation received, JudgedModel judged, Func<ModelRuntime, Examples> training)
    {
        var (model, own) = (await models.Load(received.Model), Personal);
        var examples = training(model.Runtime);
        return (model.Runtime, await pool.Run(() => model.Runtime.With(workspace =>
        {
            var (science, instructions) = (model.Runtime.Model, received.Terms.ToInstructions(received.Round));
            var weights = judged == JudgedModel.Global || examples.Count == 0 ? model.Weights.ToArray() : ClientStep.Use(science, model.Received, own, examples, instructions, client, workspace);
            try
            {
                return judged == JudgedModel.Trained ? ClientStep.Trained(science, weights, examples, instructions, client, workspace) : weights;
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException)
            {
                return weights; // it would decline: nothing of a training that fails is kept
            }
        })));
    }

    private (ClientResult Result, byte[] Update, PersonalModel? Personal) Step(LoadedModel model, PersonalModel? before, Examples examples, Invitation invitation) =>
        model.Runtime.With(workspace => ClientRound.Run(
            model.Runtime.Model, model.Received, before, examples, invitation.Terms.ToInstructions(invitation.Round), invitation.Seat is null ? UpdateCodec.Parse(invitation.Terms.Codec) : null, client, workspace));

    private async Task Store(Action change)
    {
        change();
        await state.WriteOrLeave(leave);
        Stored = state.State.Copy();
    }

    /// <summary>The new weights are durable before their name is, and the old ones go last: at every moment the name leads to bytes.</summary>
    private async Task Remember(Invitation invitation, PersonalModel? next)
    {
        var old = state.State.PersonalModel;
        var kept = next is null ? null : await blobs.Put(next.Encode(Numerics.StableHash.Of(client)));
        await Store(() =>
        {
            (state.State.LastRound, state.State.GlobalModel) = (invitation.Round, invitation.Model.Hash);
            if (kept is not null) (state.State.PersonalModel, state.State.PersonalRound) = (kept, invitation.Round);
        });
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

    /// <summary>Its rounds are the device's own, and reach it over MQTT.</summary>
    [Id(5)] public bool TrainsItself { get; set; }

    public DeviceState Copy() => (DeviceState)MemberwiseClone();
}
