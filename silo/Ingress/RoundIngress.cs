using CitySafeSense.Contracts;
using CitySafeSense.Contracts.Ports;
using CitySafeSense.Federation;
using CitySafeSense.Grains;
using CitySafeSense.Sensing;
using CitySafeSense.Silo.Devices;

namespace CitySafeSense.Silo.Ingress;

/// <summary>What devices that train by themselves send up: each message goes to its device's grain, and the device is told what came of it.</summary>
internal sealed class RoundIngress(IGrainFactory grains, IDeviceMessenger messenger, DeadLetters deadLetters, DeviceRetention retention, Readiness readiness)
{
    private const string BadUpdate = "bad_update";

    public async Task Take(string device, byte[] payload)
    {
        await readiness.Reached;
        retention.Heard(device);
        var grain = grains.GetGrain<IDeviceGrain>(device);
        switch (RoundWire.DecodeUplink(payload))
        {
            case RoundUplink.Offered offered:
                await Tell(device, new RoundDownlink.ComeBack(await Repeat.Idempotent(() => grain.Offer([.. offered.Credential]))));
                break;
            case RoundUplink.Reported reported:
                var report = new RoundReport(device, reported.Round, reported.Samples, reported.Loss, [.. reported.Update]);
                await Tell(device, new RoundDownlink.Heard(reported.Round, await Try(device, payload, () => Repeat.Idempotent(async () =>
                {
                    await grain.Report(report);
                    return true;
                }))));
                break;
            case RoundUplink.Seated seated:
                await Try(device, payload, () => grain.Advertise(seated.Shard, seated.Place, [.. seated.Keys]));
                break;
            case RoundUplink.Answered answered:
                await grain.Answer(new SecureCall(answered.Shard, answered.Step.ToContract(), [.. answered.Payload]));
                break;
            default:
                deadLetters.Add(new Arrival(device, DeviceTopic.Updates, payload), device, BadUpdate);
                break;
        }
    }

    /// <summary>Why what a device sent is of no use, or null. What failed for another reason may be sent again.</summary>
    private async Task<string?> Try(string device, byte[] payload, Func<Task> pass)
    {
        try
        {
            await pass();
            return null;
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            deadLetters.Add(new Arrival(device, DeviceTopic.Updates, payload), device, BadUpdate);
            return e.Message;
        }
    }

    private Task Tell(string device, RoundDownlink message) => messenger.Send(device, RoundWire.Encode(message));
}
