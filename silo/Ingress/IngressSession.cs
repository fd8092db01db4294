using System.Threading.Channels;
using CitySafeSense.Contracts;
using CitySafeSense.Mqtt;
using CitySafeSense.Sensing;
using Microsoft.Extensions.Logging;

namespace CitySafeSense.Silo.Ingress;

/// <summary>What becomes of what a session reads.</summary>
/// <param name="Windows">And events: the pipeline.</param>
/// <param name="Status">Told what a device says of itself.</param>
/// <param name="Update">Takes what a device sends of its part in rounds.</param>
internal sealed record IngressReaders(Func<IReadOnlyList<Arrival>, Task<Outcome[]>> Windows, Func<string, DeviceReport, Task> Status, Func<string, byte[], Task> Update);

/// <summary>
/// One session at the broker: reads messages, in batches through the pipeline, and tells each device what became of its own. The
/// broker gets its PUBACK after that, so a message is in the broker's hands until it is in the log.
/// </summary>
internal sealed class IngressSession : IAsyncDisposable
{
    private static readonly TimeSpan sessionKept = TimeSpan.FromDays(1);

    private static readonly Action<ILogger, string, int, Exception?> logFailure =
        LoggerMessage.Define<string, int>(LogLevel.Warning, new EventId(1, "Ingest"), "{Session}: a batch of {Messages} messages could not be taken; their devices will send them again");

    private static readonly Action<ILogger, string, string, Exception?> logLoss =
        LoggerMessage.Define<string, string>(LogLevel.Warning, new EventId(2, "Connection"), "{Session}: {Why}");

    private readonly string name;
    private readonly IngressReaders readers;
    private readonly Acknowledger acknowledger;
    private readonly ILogger log;
    private readonly MqttClient client;
    private readonly Channel<MqttMessage> queue = System.Threading.Channels.Channel.CreateBounded<MqttMessage>(new BoundedChannelOptions(Limits.QueuedArrivals) { SingleReader = true, SingleWriter = true });
    private readonly Task working;
    private bool isLost;

    /// <param name="waiting">Messages that the broker may have sent and are not acknowledged to it.</param>
    public IngressSession(string name, MqttOptions options, IReadOnlyList<string> filters, int waiting, IngressReaders readers, Acknowledger acknowledger, ILogger log, TimeProvider time)
    {
        (this.name, this.readers, this.acknowledger, this.log) = (name, readers, acknowledger, log);
        client = new MqttClient(
            options with { CleanStart = false, SessionExpiry = sessionKept, ReceiveMaximum = (ushort)waiting, Subscriptions = [.. filters.Select(f => (f, MqttQuality.AtLeastOnce))] },
            message => queue.Writer.WriteAsync(message), time);
        // Said once for each loss, not for every try to come back.
        client.Disconnected += why =>
        {
            if (!isLost) logLoss(log, name, why, null);
            isLost = true;
        };
        client.Connected += _ => isLost = false;
        client.Start();
        working = Work();
    }

    /// <summary>Messages that wait, of as many as there is room for.</summary>
    private double Fill => queue.Reader.Count / (double)Limits.QueuedArrivals;

    public async ValueTask DisposeAsync()
    {
        await client.DisposeAsync();
        queue.Writer.TryComplete();
        await working;
    }

    private async Task Work()
    {
        var batch = new List<MqttMessage>(Limits.ArrivalsPerBatch);
        while (await queue.Reader.WaitToReadAsync())
        {
            batch.Clear();
            while (batch.Count < Limits.ArrivalsPerBatch && queue.Reader.TryRead(out var message)) batch.Add(message);
            try
            {
                await Take(batch);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                logFailure(log, name, batch.Count, e); // not acknowledged: whoever sent it keeps it
            }
            foreach (var message in batch) await message.Acknowledge();
        }
    }

    private async Task Take(List<MqttMessage> batch)
    {
        var (arrivals, updates) = (new List<Arrival>(batch.Count), new List<Task>());
        foreach (var message in batch)
        {
            if (DeviceTopics.Parse(message.Topic) is not { } topic) continue;
            if (topic.Kind == DeviceTopic.Status && DeviceReport.Decode(message.Payload) is { } report) await readers.Status(topic.Device, report);
            else if (topic.Kind == DeviceTopic.Updates) updates.Add(readers.Update(topic.Device, message.Payload));
            else if (topic.Kind is DeviceTopic.Windows or DeviceTopic.Events) arrivals.Add(new Arrival(topic.Device, topic.Kind, message.Payload));
        }
        await Task.WhenAll(updates);
        if (arrivals.Count == 0) return;
        var outcomes = await readers.Windows(arrivals);
        await acknowledger.Tell(client, arrivals, outcomes, Fill);
    }
}
