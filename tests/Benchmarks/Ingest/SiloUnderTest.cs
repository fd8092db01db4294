using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using CitySafeSense.Storage;

namespace CitySafeSense.Benchmarks.Ingest;

/// <summary>A silo with a broker of its own, in a temporary folder, driven by the program's own verbs as a user would.</summary>
internal sealed class SiloUnderTest : IAsyncDisposable
{
    /// <summary>Whose processor time is counted.</summary>
    public static readonly string[] Parts = ["devices", "broker", "silo"];

    private const double WarmUpSeconds = 10;

    /// <summary>So long that an event has some 200 bytes.</summary>
    private const string Name = "citysafesense-benchmark-of-events-from-a-fleet-of-devices";

    private static readonly string program = Environment.GetEnvironmentVariable("CITYSAFE_PROGRAM") ?? throw new InvalidOperationException("CITYSAFE_PROGRAM must name the citysafe program: ./citysafe bench sets it");
    private readonly string folder;
    private readonly string address;
    private readonly Process silo;

    private SiloUnderTest(string folder, int port)
    {
        this.folder = folder;
        address = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");
        silo = Begin("serve", "--data", folder, "--listen", address["http://".Length..], "--privacy", "simulation", "--mqtt-listen", "127.0.0.1:0", "--rounds-every", "0");
        _ = silo.StandardError.ReadToEndAsync();
    }

    private string TokenFile => Path.Combine(folder, "keys", "operator.token");

    public static async Task<SiloUnderTest> Start()
    {
        var started = new SiloUnderTest(Directory.CreateTempSubdirectory("citysafe-bench-").FullName, LoopbackPort.Free());
        using var http = new HttpClient();
        while (true)
        {
            try
            {
                if ((await http.GetAsync(new Uri($"{started.address}/healthz"))).IsSuccessStatusCode) return started;
            }
            catch (HttpRequestException) when (!started.silo.HasExited)
            {
                // not listening yet
            }
            await Task.Delay(50);
        }
    }

    /// <summary>A version of the model that has been learned, so that every window goes through it.</summary>
    public async Task ReleaseAModel()
    {
        await Do("simulate", "city", "--devices", "200", "--minutes", "6", "--target", address, "--token", TokenFile);
        await Do("rounds", "start", "--goal", "50", "--target", address, "--token", TokenFile);
        await Do("rounds", "watch", "--target", address, "--token", TokenFile);
        // Whether it is worth releasing is not measured here.
        await Do("models", "pin", "2", "--target", address, "--token", TokenFile);
    }

    /// <summary>As many messages as the silo gives credit for.</summary>
    public async Task<JsonObject> Take(int devices, double events, double seconds)
    {
        using var fleet = Begin(
            "simulate", "fleet", "--devices", Text(devices), "--name", Name, "--events", Text(events), "--seconds", Text(seconds), "--warm-up", Text(WarmUpSeconds), "--target", address, "--token", TokenFile, "--json");
        var output = fleet.StandardOutput.ReadToEndAsync();
        // Connections are made before the first such line, and code is compiled after it: their cost is no message's.
        (double Messages, double[] Seconds)? first = null, last = null;
        var began = 0L;
        while (await fleet.StandardError.ReadLineAsync() is { } line)
        {
            if (line.Split(' ') is not [var count, "acknowledged"]) continue;
            if (began == 0) began = Stopwatch.GetTimestamp();
            last = (double.Parse(count, CultureInfo.InvariantCulture), [Spent(fleet), BrokerSpent(), Spent(silo)]);
            if (Stopwatch.GetElapsedTime(began).TotalSeconds >= WarmUpSeconds) first ??= last;
        }
        await fleet.WaitForExitAsync();
        var report = JsonNode.Parse(await output)!;
        var taken = new JsonObject
        {
            ["per_second"] = (double)report["messages_per_second"]!,
            ["message_bytes"] = (int)report["message_bytes"]!,
            ["wrong"] = (long)report["lost"]! + (long)report["double"]! + (long)report["unsettled"]!,
        };
        foreach (var quantile in new[] { "p50", "p95", "p99" }) taken[quantile] = (double)report["seconds_to_acknowledgement"]![quantile]!;
        for (var part = 0; part < Parts.Length; part++)
            taken[Parts[part]] = first is { } f && last is { } l && l.Messages > f.Messages ? 1e6 * (l.Seconds[part] - f.Seconds[part]) / (l.Messages - f.Messages) : 0;
        return taken;
    }

    public async ValueTask DisposeAsync()
    {
        using (var broker = Broker())
        {
            silo.Kill();
            broker.Kill();
            await broker.WaitForExitAsync();
        }
        await silo.WaitForExitAsync();
        silo.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private static async Task<string> Do(params string[] arguments)
    {
        using var process = Begin(arguments);
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"citysafe {string.Join(' ', arguments)}: {await error}");
    }

    private static Process Begin(params string[] arguments) => Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;

    private double BrokerSpent()
    {
        using var broker = Broker();
        return Spent(broker);
    }

    /// <summary>Another one after many devices were registered at once.</summary>
    private Process Broker() => Process.GetProcessById(int.Parse(File.ReadAllText(Path.Combine(folder, "broker", "mosquitto.pid")), CultureInfo.InvariantCulture));

    private static double Spent(Process process)
    {
        process.Refresh();
        return process.HasExited ? 0 : process.TotalProcessorTime.TotalSeconds;
    }

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);
}
