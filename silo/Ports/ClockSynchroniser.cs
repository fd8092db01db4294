using CitySafeSense.Contracts;
using CitySafeSense.Contracts.Ports;
using Microsoft.Extensions.Logging;

namespace CitySafeSense.Silo.Ports;

/// <summary>Simulation: every silo's clock follows the furthest of all. The virtual city tells one of them what time it is.</summary>
internal sealed class ClockSynchroniser(IGrainFactory grains, ICityClock clock, Readiness readiness, TimeProvider time, ILogger<ClockSynchroniser> log) : StoppableService
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);

    private static readonly Action<ILogger, Exception?> LogFailure =
        LoggerMessage.Define(LogLevel.Warning, new EventId(1, "Clock"), "the city's clock could not be compared; tried again soon");

    /// <summary>Takes over what the city's time is, if it is virtual.</summary>
    public static async Task Follow(IGrainFactory grains, VirtualCityClock clock)
    {
        if (await grains.GetGrain<ICityGrain>("city").Meet(clock.Told) is { } furthest) clock.Advance(furthest);
    }

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        await readiness.Reached.WaitAsync(stoppingToken);
        var virtualClock = (VirtualCityClock)clock;
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await Follow(grains, virtualClock);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                LogFailure(log, e);
            }
        }
    }
}
