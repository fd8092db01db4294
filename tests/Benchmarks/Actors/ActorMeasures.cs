using System.Diagnostics;
using System.Globalization;

namespace CitySafeSense.Benchmarks.Actors;

/// <summary>What is measured of a runtime, the same way for ours and for the peer.</summary>
internal static class ActorMeasures
{
    private const int Grains = 10_000, Callers = 200;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3);

    /// <summary>Calls over 10,000 grains with 200 callers: per CPU-second, and bytes allocated for each.</summary>
    public static async Task<(double PerCpuSecond, double BytesPerCall)> Calls(bool byteCodec, TimeSpan span)
    {
        await using var runtime = await RuntimeUnderTest.Start(byteCodec);
        var grains = Enumerable.Range(0, Grains).Select(i => runtime.Grains.GetGrain<ICounterGrain>(i)).ToArray();
        foreach (var grain in grains) await grain.Add(0);
        await Call(grains, span / 2);
        GC.Collect();
        var (cpu, bytes) = (Process.GetCurrentProcess().TotalProcessorTime, GC.GetTotalAllocatedBytes(true));
        var calls = await Call(grains, span);
        return (calls / (Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalSeconds, (GC.GetTotalAllocatedBytes(true) - bytes) / (double)calls);
    }

    /// <summary>Managed bytes of an idle activation that holds one small object, its key and its places in tables included.</summary>
    public static async Task<double> IdleBytes(int activations)
    {
        await using var runtime = await RuntimeUnderTest.Start();
        await Activate(runtime, 1, 1000);
        var before = GC.GetTotalMemory(true);
        await Activate(runtime, 1_000_000, activations);
        return (GC.GetTotalMemory(true) - before) / (double)activations;
    }

    /// <summary>First calls to grains that are not in memory, per second.</summary>
    public static async Task<double> Activations(int activations, bool withState)
    {
        await using var runtime = await RuntimeUnderTest.Start();
        // Until code and heap are as they are in a process that has run for a while.
        var warming = Stopwatch.GetTimestamp();
        for (var pass = 0; Stopwatch.GetElapsedTime(warming) < WarmUp; pass++) await Activate(runtime, 10_000_000 + pass * 20_000L, 20_000, withState);
        GC.Collect();
        var started = Stopwatch.GetTimestamp();
        await Activate(runtime, 1_000_000, activations, withState);
        return activations / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>Resident bytes of the process with so many idle grains.</summary>
    public static async Task<double> ResidentBytes(int activations)
    {
        await using var runtime = await RuntimeUnderTest.Start();
        await Activate(runtime, 1_000_000, activations);
        GC.Collect();
        var resident = File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmHWM", StringComparison.Ordinal));
        return 1024.0 * long.Parse(resident.AsSpan(6).Trim().ToString().Split(' ')[0], CultureInfo.InvariantCulture);
    }

    /// <summary>Durable state writes per second with 50 callers, each with a grain of its own.</summary>
    public static async Task<double> Writes(RuntimeUnderTest runtime, TimeSpan span)
    {
        const int Writers = 50;
        var grains = Enumerable.Range(0, Writers).Select(i => runtime.Grains.GetGrain<IKeptGrain>(i)).ToArray();
        foreach (var grain in grains) await grain.Write();
        var started = Stopwatch.GetTimestamp();
        var writes = await Task.WhenAll(grains.Select(grain => Task.Run(async () =>
        {
            var n = 0L;
            for (; Stopwatch.GetElapsedTime(started) < span; n++) await grain.Write();
            return n;
        })));
        return writes.Sum() / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task<long> Call(ICounterGrain[] grains, TimeSpan span)
    {
        var over = new CancellationTokenSource(span);
        var calls = await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            var (n, at) = (0L, caller * (Grains / Callers));
            while (!over.IsCancellationRequested)
            {
                await grains[at].Add(1);
                n++;
                if ((at += 7) >= Grains) at -= Grains;
            }
            return n;
        })));
        return calls.Sum();
    }

    private static Task Activate(RuntimeUnderTest runtime, long firstKey, int count, bool withState = false) =>
        Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            for (var i = caller; i < count; i += Callers)
            {
                if (withState) await runtime.Grains.GetGrain<IKeptGrain>(firstKey + i).Read();
                else await runtime.Grains.GetGrain<ICounterGrain>(firstKey + i).Add(1);
            }
        })));
}
