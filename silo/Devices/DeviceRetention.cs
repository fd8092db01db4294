using System.Collections.Concurrent;
using CitySafeSense.Contracts;
using Microsoft.Extensions.Logging;

namespace CitySafeSense.Silo.Devices;

/// <summary>
/// Notes on which day each device was last heard, and has those forgotten that have been silent for as long as the operator
/// said. A day is noted once, some seconds after a device's first message on it; every silo does it, and finds done what another did.
/// </summary>
public sealed class DeviceRetention(IGrainFactory grains, DeviceForgetting forgetting, SiloOptions options, Readiness readiness, TimeProvider time, ILogger<DeviceRetention> log) : StoppableService
{
    /// <summary>Devices whose day is remembered here; beyond that they are noted again.</summary>
    private const int Remembered = 1_000_000;

    private static readonly TimeSpan noteEvery = TimeSpan.FromSeconds(10), sweepEvery = TimeSpan.FromHours(1);

    private static readonly Action<ILogger, Exception?> logFailure =
        LoggerMessage.Define(LogLevel.Warning, new EventId(4, "Retention"), "what is kept of silent devices could not be looked through; tried again soon");

    private readonly ConcurrentDictionary<string, int> noted = new();
    private readonly ConcurrentQueue<string> toNote = new();

    private DateOnly Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    internal static long ShardOf(string device) => (long)(Numerics.StableHash.Of(device) % Limits.RetentionShards);

    /// <summary>Called for every message: cheap but for a device's first of a day.</summary>
    public void Heard(string device)
    {
        var day = Today.DayNumber;
        if (noted.TryGetValue(device, out var before) && before == day) return;
        if (noted.Count >= Remembered) noted.Clear();
        noted[device] = day;
        toNote.Enqueue(device);
    }

    /// <summary>Writes down who was heard.</summary>
    public async Task Note()
    {
        var (day, devices) = (Today.DayNumber, new HashSet<string>(StringComparer.Ordinal));
        while (toNote.TryDequeue(out var device)) devices.Add(device);
        try
        {
            await Task.WhenAll(devices.GroupBy(ShardOf).Select(shard => grains.GetGrain<IRetentionGrain>(shard.Key).Heard([.. shard], day)));
        }
        catch
        {
            foreach (var device in devices) toNote.Enqueue(device);
            throw;
        }
    }

    /// <summary>Forgets those that were last heard longer ago than the operator wants anything kept.</summary>
    /// <returns>Of how many there was anything.</returns>
    public async Task<int> Sweep(DateOnly today)
    {
        var before = today.AddDays(-options.RetentionDays);
        var silent = (await Task.WhenAll(Enumerable.Range(0, Limits.RetentionShards).Select(s => grains.GetGrain<IRetentionGrain>(s).Silent(before.DayNumber)))).SelectMany(s => s).ToArray();
        string[] gone = [.. silent.Where(d => !(noted.TryGetValue(d, out var day) && day >= before.DayNumber))]; // nobody who was heard this minute
        return await forgetting.Expire(gone, before.AddDays(-1));
    }

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        await readiness.Reached.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(noteEvery, time);
        var swept = time.GetUtcNow() - sweepEvery;
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await Note();
                if (time.GetUtcNow() - swept < sweepEvery) continue;
                await Sweep(Today);
                swept = time.GetUtcNow();
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                logFailure(log, e);
            }
        }
    }
}
