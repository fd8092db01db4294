using System.Text.Json.Nodes;
using CitySafeSense.Learning;
using CitySafeSense.Sensing;

namespace CitySafeSense.Benchmarks.Ingest;

/// <summary>
/// From device to cell: devices with connections of their own, their broker and a silo on the cores of this machine, TLS and QoS 1,
/// state in SQLite, the default network on every window. What was acknowledged is compared with what is in the cells.
/// </summary>
internal sealed class IngestBenchmark(int runs)
{
    private sealed record Load(string Name, int Devices, double Events, double Seconds, string Unit, double Floor, double Goal);

    private static readonly Load[] loads =
    [
        new("windows, 50 connections", 50, 0, 15, "windows/s", 5000, 8000),
        new("windows, 5,000 connections", 5000, 0, 15, "windows/s", 3000, 5000),
        new("events, 1,000 connections", 1000, 1, 15, "events/s", 0, 20_000),
    ];

    public async Task<JsonObject> Run()
    {
        var network = Tcn.Build(TcnOptions.Default(WindowSchema.Default.NetworkChannels, WindowSchema.Default.Samples, ActivityClasses.Count));
        var rows = new JsonArray();
        foreach (var load in loads)
        {
            var taken = new List<JsonObject>();
            for (var run = 0; run < runs; run++)
            {
                await Console.Error.WriteLineAsync($"{load.Name}: run {run + 1} of {runs}");
                await using var silo = await SiloUnderTest.Start();
                await silo.ReleaseAModel();
                taken.Add(await silo.Take(load.Devices, load.Events, load.Seconds));
            }
            Describe(rows, load, taken);
        }
        return new JsonObject
        {
            ["machine"] = new JsonObject { ["cores"] = Environment.ProcessorCount, ["runtime"] = Environment.Version.ToString(), ["runs"] = runs },
            ["model"] = network.Name,
            ["model_parameters"] = network.Layout.Length,
            ["model_operations"] = network.ForwardOperations,
            ["windows_per_message"] = 1,
            ["rows"] = rows,
        };
    }

    private static void Describe(JsonArray rows, Load load, List<JsonObject> taken)
    {
        var rate = Rows.Row($"{load.Name}, acknowledged", Rows.Median(taken, "per_second"), load.Unit, load.Floor > 0 ? load.Floor : load.Goal, "higher");
        if (load.Floor > 0) rate["aim"] = load.Goal;
        (rate["connections"], rate["bytes_per_message"]) = (load.Devices, taken[0]["message_bytes"]!.DeepClone());
        rows.Add(rate);
        foreach (var quantile in new[] { "p50", "p95", "p99" }) rows.Add(Rows.Row($"{load.Name}: from publish to acknowledgement, {quantile}", Rows.Median(taken, quantile), "seconds", null, "lower"));
        foreach (var part in SiloUnderTest.Parts) rows.Add(Rows.Row($"{load.Name}: processor time of {part}, per message", Rows.Median(taken, part), "microseconds", null, "lower"));
        rows.Add(Rows.Row($"{load.Name}: acknowledged and in no cell, or twice in one, or never answered", taken.Max(t => (long)t["wrong"]!), "messages", 0, "lower"));
    }
}
