using CitySafeSense.Contracts;
using Microsoft.Extensions.Logging;

namespace CitySafeSense.Silo;

/// <summary>
/// Wakes, now and then, what nobody may have called since its silo died: partitions whose rows still belong to cells, regions whose
/// bins are due, and who watches them. Every silo does it; for a grain that is awake it is a no-op.
/// </summary>
internal sealed class Caretaker(IGrainFactory grains, Readiness readiness, TimeProvider time, ILogger<Caretaker> log) : StoppableService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(15);

    private static readonly Action<ILogger, Exception?> LogFailure =
        LoggerMessage.Define(LogLevel.Warning, new EventId(1, "Wake"), "not every partition and region could be woken; tried again soon");

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        await readiness.Reached.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await Task.WhenAll(Enumerable.Range(0, Limits.Partitions).Select(p => grains.GetGrain<IIngestLogGrain>(p).Resume()));
                await WakeRegions(grains);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                LogFailure(log, e);
            }
        }
    }

    public static async Task WakeRegions(IGrainFactory grains)
    {
        await Task.WhenAll((await grains.GetGrain<ICityGrain>("city").Regions()).Select(r => grains.GetGrain<IRegionGrain>(r).Query(BoundingBox.World)));
        await grains.GetGrain<IHotspotWatchGrain>("city").View();
    }
}
