using CitySafeSense.Contracts;
using CitySafeSense.Contracts.Ports;
using CitySafeSense.Federation;

namespace CitySafeSense.Grains;

/// <summary>
/// The part in rounds of a device that trains by itself: what its grain is asked travels down, what it answers is passed on.
/// Its windows, weights and personal model never leave it; here is only where it sits.
/// </summary>
internal sealed class RemoteParticipation(string device, IDeviceMessenger messenger, GlobalModels models, IGrainFactory grains, TimeProvider time)
{
    private Invitation? invited;
    private (SecureCall Call, TaskCompletionSource<ImmutableArray<byte>> Answer)? asked;

    public async Task Invite(Invitation invitation)
    {
        var model = await models.Load(invitation.Model);
        var terms = invitation.Terms;
        var order = new TrainingOrder(
            ModelRuntime.Describe(invitation.Model.Spec), model.Info.Hash, model.Weights.ToArray(), model.Received.Control, terms.ToInstructions(invitation.Round), terms.Codec,
            terms.UpdateNormMax, terms.Privacy is not null,
            invitation.Seat?.ToPlace());
        invited = invitation;
        await messenger.Send(device, RoundWire.Encode(new RoundDownlink.Invited(order)));
    }

    /// <summary>A step of a secure sum; fails where no answer comes, and then the device has dropped out.</summary>
    public async Task<ImmutableArray<byte>> Ask(SecureCall call)
    {
        var answer = new TaskCompletionSource<ImmutableArray<byte>>();
        asked = (call, answer);
        await messenger.Send(device, RoundWire.Encode(new RoundDownlink.Asked(call.Shard, call.Step.ToScience(), [.. call.Payload])));
        return await answer.Task.WaitAsync(Limits.DeviceAnswer, time);
    }

    /// <summary>Only an answer to what was asked last.</summary>
    public void Answer(SecureCall answer)
    {
        if (asked is { } open && open.Call.Shard == answer.Shard && open.Call.Step == answer.Step) open.Answer.TrySetResult(answer.Payload);
    }

    /// <exception cref="ArgumentException">The device was given no such place.</exception>
    public Task Advertise(string shard, int place, ImmutableArray<byte> keys) => invited?.Seat is { } seat && seat.Shard == shard && seat.Place == place
        ? grains.GetGrain<ISecureShardGrain>(shard).Advertise(place, keys)
        : throw new ArgumentException($"{device} has no place {place} in {shard}");
}
