using Microsoft.Extensions.Hosting;

namespace CitySafeSense.Silo;

/// <summary>
/// A background service that ends without an error when it is stopped. The host takes a cancellation for a failure, and logs a
/// stack trace, where the start of another service failed before its own lifetime began to stop.
/// </summary>
public abstract class StoppableService : BackgroundService
{
    protected abstract Task RunAsync(CancellationToken stoppingToken);

    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await RunAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }
}
