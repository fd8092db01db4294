using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CitySafeSense.Contracts;
using CitySafeSense.Sensing;
using CitySafeSense.Silo.Broker;
using CitySafeSense.Silo.Devices;
using Microsoft.Extensions.Logging;

namespace CitySafeSense.Silo.Ingress;

/// <summary>
/// Reads those of the broker's sessions that are leased to this silo. A session is a client id that stays the same whoever reads
/// it, so what is queued for a dead silo's session is read by the one that takes it over. Events have sessions of their own, and so have updates, which are long.
/// </summary>
internal sealed class MqttIngress(
    BrokerHost broker, IGrainFactory grains, IngestPipeline pipeline, RoundIngress rounds, Acknowledger acknowledger, DeviceRegistry registry, Keys keys, Readiness readiness, TimeProvider time, ILogger<MqttIngress> log) : StoppableService
{
    private static readonly TimeSpan period = Limits.IngressLease / 4;

    private static readonly Action<ILogger, Exception?> logFailure = LoggerMessage.Define(LogLevel.Warning, new EventId(3, "Lease"), "the ingress leases could not be renewed; tried again soon");

    private readonly Dictionary<int, IngressSession[]> sessions = [];
    private readonly string silo = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));

    /// <summary>How many leases this silo has now.</summary>
    public int Leases => sessions.Count;

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        if (broker.Address is null) return;
        await readiness.Reached.WaitAsync(stoppingToken);
        var renewed = time.GetTimestamp();
        using var timer = new PeriodicTimer(period, time);
        try
        {
            do
            {
                try
                {
                    await Hold([.. await grains.GetGrain<IIngressGrain>("ingress").Renew(silo)]);
                    renewed = time.GetTimestamp();
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    logFailure(log, e);
                    if (time.GetElapsedTime(renewed) > Limits.IngressLease) await Hold([]); // somebody else reads them by now
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        finally
        {
            await Hold([]);
        }
    }

    private async Task Hold(HashSet<int> leased)
    {
        foreach (var index in sessions.Keys.Except(leased).ToArray())
        {
            foreach (var session in sessions[index]) await session.DisposeAsync();
            sessions.Remove(index);
        }
        foreach (var index in leased.Except(sessions.Keys).ToArray()) sessions.Add(index, [
            Open("windows", index, Limits.QueuedArrivals / 2, BrokerRights.Shared(DeviceTopic.Windows)),
            // What is retained is not sent to those who share: one session hears of every status.
            Open("events", index, Limits.QueuedArrivals / 2, [BrokerRights.Shared(DeviceTopic.Events), .. index == 0 ? new[] { DeviceTopics.Of("+", DeviceTopic.Status) } : []]),
            Open("updates", index, Limits.QueuedUpdates, BrokerRights.Shared(DeviceTopic.Updates)),
        ]);
    }

    private IngressSession Open(string kind, int index, int waiting, params string[] filters)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"citysafe-{kind}-{index}");
        // Whoever knows a client id can throw its reader out: part of it is a secret of the cluster.
        var secret = Convert.ToHexStringLower(HMACSHA256.HashData(keys.Pseudonyms, Encoding.UTF8.GetBytes(name)).AsSpan(0, 8));
        return new IngressSession(name, broker.Ingest($"{name}-{secret}"), filters, waiting, new IngressReaders(pipeline.Take, registry.Seen, rounds.Take), acknowledger, log, time);
    }
}
