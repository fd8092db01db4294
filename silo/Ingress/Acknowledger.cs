using System.Collections.Immutable;
using System.Diagnostics;
using CitySafeSense.Contracts;
using CitySafeSense.Contracts.Ports;
using CitySafeSense.Mqtt;
using CitySafeSense.Sensing;

namespace CitySafeSense.Silo.Ingress;

/// <summary>Tells devices what became of their messages: one acknowledgement for each device and batch. A lost one costs a resend, so it goes out at most once.</summary>
internal sealed class Acknowledger(ICityClock clock, DeadLetters deadLetters, IngestCounts counts, SiloOptions options)
{
    /// <param name="fill">How full the way in is, 0 to 1: what is left decides how much devices may send.</param>
    public async Task Tell(MqttClient client, IReadOnlyList<Arrival> arrivals, IReadOnlyList<Outcome> outcomes, double fill)
    {
        var began = Stopwatch.GetTimestamp();
        var credit = options.Plant == PlantedFault.NoCredit ? int.MaxValue : Math.Max(1, (int)(Limits.CreditPerDevice * (1 - fill)));
        var now = clock.Now.ToUnixTimeMilliseconds();
        for (var i = 0; i < outcomes.Count; i++)
            if (outcomes[i].Refusal is { } reason) deadLetters.Add(arrivals[i], arrivals[i].Device ?? outcomes[i].Device, reason);
        var told = 0;
        foreach (var device in outcomes.Where(o => o.Device is not null).GroupBy(o => (o.Device, o.Epoch)))
        {
            var acknowledgement = new IngestAcknowledgement(
                device.Key.Epoch, Ranges(device), [.. device.Where(o => o.IsAcknowledged && o.Event is not null).Select(o => o.Event!.Value)],
                [.. device.Where(o => !o.IsAcknowledged).Select(o => new Refusal(o.Sequence, o.Event, o.Refusal!))], credit, now);
            try
            {
                await client.Publish(DeviceTopics.Of(device.Key.Device!, DeviceTopic.Acks), acknowledgement.Encode(), MqttQuality.AtMostOnce);
                told++;
            }
            catch (MqttException)
            {
                // The connection is gone: what was taken is taken, and said again when it is sent again.
            }
        }
        counts.Acknowledged(told);
        counts.Spent(IngestStage.Acknowledge, began);
    }

    private static ImmutableArray<TakenRange> Ranges(IEnumerable<Outcome> outcomes)
    {
        var ranges = ImmutableArray.CreateBuilder<TakenRange>();
        foreach (var sequence in outcomes.Where(o => o.IsAcknowledged && o.Sequence is not null).Select(o => o.Sequence!.Value).Order())
        {
            if (ranges.Count > 0 && ranges[^1].To is var last && sequence <= last + 1) ranges[^1] = ranges[^1] with { To = sequence };
            else ranges.Add(new(sequence, sequence));
        }
        return ranges.ToImmutable();
    }
}
