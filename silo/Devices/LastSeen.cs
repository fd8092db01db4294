using System.Collections.Concurrent;
using CitySafeSense.Contracts;
using Microsoft.Extensions.Logging;

namespace CitySafeSense.Silo.Devices;

/// <summary>Tells the registry, every few seconds, which devices sent something with their own credential. It is for people to look at: what a silo that dies has not told is lost.</summary>
public sealed class LastSeen(IGrainFactory grains, Readiness readiness, TimeProvider time, ILogger<LastSeen> log) : StoppableService
{
    private static readonly TimeSpan period = TimeSpan.FromSeconds(2);

    private static readonly Action<ILogger, Exception?> logFailure =
        LoggerMessage.Define(LogLevel.Warning, new EventId(5, "LastSeen"), "the registry could not be told which devices were heard; tried again soon");

    private readonly ConcurrentDictionary<string, DateTimeOffset> heard = new(StringComparer.Ordinal);

    public void Heard(string device) => heard[device] = time.GetUtcNow();

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        await readiness.Reached.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await Tell();
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                logFailure(log, e);
            }
        }
    }

    private Task Tell() => Task.WhenAll(heard.Keys.ToArray()
        .Select(device => heard.TryRemove(device, out var at) ? new DeviceHeard(device, at) : null).OfType<DeviceHeard>()
        .GroupBy(h => DeviceRegistry.ShardOf(h.Device))
        .Select(shard => grains.GetGrain<IDeviceRegistryGrain>(shard.Key).Heard([.. shard])));
}
