using System.Diagnostics;
using System.Text.Json.Nodes;
using CitySafeSense.Storage;

namespace CitySafeSense.Benchmarks.Actors;

/// <summary>The embedded host beside Orleans: the same grains and callers, by turns, medians of several runs.</summary>
internal sealed class ActorBenchmark(int runs)
{
    private const string Peer = "Microsoft Orleans";
    private readonly string ours = Environment.ProcessPath!;
    private readonly string theirs = Environment.ProcessPath!.Replace("/Embedded/", "/Orleans/", StringComparison.Ordinal);
    private string? peerVersion;

    public async Task<JsonObject> Run()
    {
        var hasPeer = File.Exists(theirs) && theirs != ours;
        if (!hasPeer) await Console.Error.WriteLineAsync("the Orleans flavour is not built: its figures are those that were measured before, in the field \"reference\"");
        var rows = new JsonArray();
        await Compare(rows, hasPeer, "calls per CPU-second, 10,000 grains, 200 callers", "calls", null, "calls/s", 4, 360_000, "one process: nothing is serialised or routed, arguments are copied where they could change");
        await Alone(rows, "the same, every message through bytes (JSON) and back", "codec", null, "calls/s", null, "higher");
        await Compare(rows, hasPeer, "activations, no state", "activations", null, "activations/s", 10, 17_000, null);
        await Compare(rows, hasPeer, "activations, each reads a state", "stateful", null, "activations/s", 10, 17_000, "storage answers at once, so that the runtime is what is measured");
        await Alone(rows, "idle activation with one small object", "idle", null, "bytes", 600, "lower");
        await Alone(rows, "1,000,000 idle grains, resident", "million", null, "bytes", 1e9, "lower");
        if (TemporaryPostgres.IsInstalled)
        {
            await using var postgres = await TemporaryPostgres.Start(CancellationToken.None);
            await Compare(rows, hasPeer, "durable state writes, 50 callers, PostgreSQL", "postgres", postgres.ConnectionString, "writes/s", 3, 2_887, "group commit; one server for both");
        }
        var folder = Directory.CreateTempSubdirectory("citysafe-bench-");
        await Alone(rows, "durable state writes, 50 callers, SQLite", "sqlite", Path.Combine(folder.FullName, "states.db"), "writes/s", null, "higher");
        folder.Delete(recursive: true);
        return new JsonObject
        {
            ["machine"] = new JsonObject { ["cores"] = Environment.ProcessorCount, ["runtime"] = Environment.Version.ToString(), ["peer_version"] = peerVersion, ["runs"] = runs },
            ["rows"] = rows,
        };
    }

    private async Task Compare(JsonArray rows, bool hasPeer, string name, string measurement, string? place, string unit, double goal, double reference, string? note)
    {
        var (mine, peers) = (new List<JsonObject>(), new List<JsonObject>());
        for (var run = 0; run < runs; run++)
        {
            mine.Add(await Measure(ours, measurement, place));
            if (hasPeer) peers.Add(await Measure(theirs, measurement, place));
        }
        var our = Rows.Median(mine, "value");
        double? their = hasPeer ? Rows.Median(peers, "value") : null;
        peerVersion = (string?)peers.FirstOrDefault()?["version"] ?? peerVersion;
        var row = Rows.Row(name, our, unit, goal, "higher").Beside(Peer, their, reference);
        if (note is not null) row["note"] = note;
        rows.Add(row);
        if (measurement != "calls") return;
        var bytes = Rows.Row("bytes allocated for a call", Math.Round(Rows.Median(mine, "bytes"), 1), "bytes", 200, "lower");
        if (hasPeer) bytes["note"] = FormattableString.Invariant($"{Peer}: {Rows.Median(peers, "bytes"):0}");
        rows.Add(bytes);
    }

    private async Task Alone(JsonArray rows, string name, string measurement, string? place, string unit, double? goal, string better)
    {
        var taken = new List<JsonObject>();
        for (var run = 0; run < (measurement == "million" ? 1 : runs); run++) taken.Add(await Measure(ours, measurement, place));
        rows.Add(Rows.Row(name, Rows.Median(taken, "value"), unit, goal, better));
    }

    private static async Task<JsonObject> Measure(string program, string measurement, string? place)
    {
        await Console.Error.WriteLineAsync($"{measurement} ({(program.Contains("/Orleans/", StringComparison.Ordinal) ? "peer" : "ours")})");
        var start = new ProcessStartInfo(program, ["measure", measurement]) { RedirectStandardOutput = true };
        start.Environment["CITYSAFE_BENCH_PLACE"] = place; // a connection string has a password, which is nothing for a command line
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? (JsonObject)JsonNode.Parse(output)! : throw new InvalidOperationException($"{program} measure {measurement} failed");
    }
}
