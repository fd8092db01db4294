using CitySafeSense.Storage;
using Microsoft.Extensions.Logging;

namespace CitySafeSense.Silo;

/// <summary>Which stores work: each is written to, at most once a second however many ask, and given two seconds.</summary>
internal sealed class StorageHealth(Stores stores, TimeProvider time, ILogger<StorageHealth> log)
{
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(1), Patience = TimeSpan.FromSeconds(2);

    private static readonly Action<ILogger, string, string, Exception?> LogFailure =
        LoggerMessage.Define<string, string>(LogLevel.Error, new EventId(1, "Storage"), "store {Store} does not work: {Reason}");

    private readonly Lock gate = new();
    private Task<string[]>? answer;
    private long asked;

    /// <summary>Names of the stores that do not work.</summary>
    public Task<string[]> Failing()
    {
        lock (gate)
        {
            if (answer is null || time.GetElapsedTime(asked) > Freshness) (answer, asked) = (Look(), time.GetTimestamp());
            return answer;
        }
    }

    private async Task<string[]> Look()
    {
        var works = await Task.WhenAll(stores.Probes.Select(Works));
        return [.. stores.Probes.Where((_, i) => !works[i]).Select(p => p.Name)];
    }

    private async Task<bool> Works(IStorageProbe probe)
    {
        try
        {
            await Task.Run(probe.Probe).WaitAsync(Patience, time); // a queue that is full would hold up the caller
            return true;
        }
        catch (Exception e) when (e is StorageException or TimeoutException)
        {
            LogFailure(log, probe.Name, e.Message, null);
            return false;
        }
    }
}
