using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using CitySafeSense.Contracts;
using CitySafeSense.Contracts.Ports;
using CitySafeSense.Federation;
using CitySafeSense.Grains;
using CitySafeSense.Learning;
using CitySafeSense.InProcess;
using CitySafeSense.Numerics;
using CitySafeSense.Sensing;
using CitySafeSense.Sensing.Recordings;
using Microsoft.Extensions.DependencyInjection;

namespace CitySafeSense.Benchmarks.Federation;

/// <summary>Ten thousand device grains, each with windows and a model of its own, and a round of a thousand of them; a process of its own, so that its memory is known.</summary>
internal static class DeviceMeasures
{
    private const int Devices = 10_000, Goal = 1000, WindowsEach = 10;
    private const string Population = "devices";

    public static async Task<JsonObject> Round(string strategy, string codec)
    {
        var (source, windows, classes) = Windows();
        await using var cluster = new InProcessCluster(new CityOptions { Privacy = PrivacyMode.Simulation, Population = Population }, Environment.ProcessorCount, 1);
        var model = await cluster.Grains.GetGrain<IModelGrain>(Population).Initialise(ModelRuntime.SpecFor(classes, ChannelScaling.Fit(WindowSchema.Default, windows.Select(w => w.Window))), 1);
        await InParallel(async d =>
        {
            var rng = Rng.For(1, "device", d.ToString(CultureInfo.InvariantCulture));
            for (var i = 0; i < WindowsEach; i++)
            {
                var (window, label) = windows[rng.NextInt(windows.Count)];
                await Device(cluster, d).Ingest([.. WindowFrame.Encode(new WindowHeader(Name(d), 1, (ulong)i, 0, 0, 0, (byte)label), window)]);
            }
        });
        var terms = RoundTermsMapping.Default(strategy, Goal, 1) with { Codec = codec, OverSelection = 1, MinimumFraction = 1, Deadline = TimeSpan.FromHours(1), BatchSize = WindowsEach };
        // Everybody learns by themselves once, as if invited by a round that nobody sums: from then on each has what the strategy keeps.
        await InParallel(d => Device(cluster, d).Participate(new Invitation("nobody", 1, model, terms)));
        while (await Learned(cluster) < Devices) await Task.Delay(100);
        var rounds = cluster.Grains.GetGrain<IFederatedRoundGrain>(Population);
        // Its first round has the number in which everybody has taken part already: nobody answers, and it is abandoned.
        await Ended(rounds, terms with { Deadline = TimeSpan.FromSeconds(1) });
        var started = Stopwatch.GetTimestamp();
        var status = await Ended(rounds, terms);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return new JsonObject
        {
            ["data"] = source,
            ["seconds"] = seconds,
            ["reported"] = status.Reported,
            ["committed"] = status.Phase == nameof(RoundPhase.Committed),
            ["update_bytes"] = status.UpdateBytes,
            ["distinct"] = await Distinct(cluster),
            ["peak_bytes"] = PeakBytes(),
        };
    }

    private static async Task<RoundStatus> Ended(IFederatedRoundGrain rounds, RoundTerms terms)
    {
        var number = await rounds.Start(terms);
        RoundStatus status;
        do status = await rounds.Watch(number, TimeSpan.FromSeconds(10));
        while (status.Ended is null);
        return status;
    }

    private static string Name(int device) => $"device-{device:D5}";

    private static IDeviceGrain Device(InProcessCluster cluster, int device) => cluster.Grains.GetGrain<IDeviceGrain>(Name(device));

    private static async Task InParallel(Func<int, Task> each)
    {
        foreach (var chunk in Enumerable.Range(0, Devices).Chunk(256)) await Task.WhenAll(chunk.Select(each));
    }

    private static async Task<int> Learned(InProcessCluster cluster)
    {
        var statuses = await Task.WhenAll(Enumerable.Range(0, Devices).Select(d => Device(cluster, d).Status()));
        return statuses.Count(s => s.LastRound >= 1);
    }

    /// <summary>Different contents, whoever owns them: what makes stored bytes an owner's own is left out.</summary>
    private static async Task<int> Distinct(InProcessCluster cluster)
    {
        var blobs = cluster.Services.GetRequiredService<IBlobStore>();
        var hashes = new HashSet<string>();
        for (var d = 0; d < Devices; d++)
        {
            if ((await Device(cluster, d).Status()).PersonalModel is not { } hash) continue;
            var bytes = await blobs.Get(hash);
            var basis = PersonalModel.BasisOf(bytes);
            var weights = basis is null ? [] : ParameterVector.FromBytes(await blobs.Get(basis)).Values.ToArray();
            var model = PersonalModel.Decode(bytes, basis ?? "", weights);
            hashes.Add(Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes<float>([.. model.Weights.ToArray(), .. model.Control, .. model.Residual]))));
        }
        return hashes.Count;
    }

    private static (string Source, IReadOnlyList<(SensorWindow Window, int Label)> Windows, int Classes) Windows()
    {
        var folder = Environment.GetEnvironmentVariable("CITYSAFE_DATA") ?? Path.Combine("..", "shared", "data");
        var path = Path.Combine(folder, "hapt_50hz.npz");
        if (!File.Exists(path))
            return ("simulated people", [.. Enumerable.Range(0, 60).SelectMany(p => Sensing.Generator.SyntheticPeople.Draw(1, p, 80)).Select(w => (w.Window, (int)w.Label))], ActivityClasses.Count);
        using var stream = File.OpenRead(path);
        using var archive = new NpzArchive(stream, path);
        return ("UCI HAPT", [.. ActivitySegments.Split(ImuRecordings.Read(archive), [1, 2, 3, 4, 5, 6]).SelectMany(p => p.Training)], 6);
    }

    /// <summary>The largest resident size so far, as Linux counts it.</summary>
    private static long PeakBytes()
    {
        if (!OperatingSystem.IsLinux()) return Process.GetCurrentProcess().PeakWorkingSet64;
        var line = File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
