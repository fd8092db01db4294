using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using CitySafeSense.Benchmarks.Learning;
using CitySafeSense.Numerics;

namespace CitySafeSense.Benchmarks.Federation;

/// <summary>The federated core beside PyTorch: the same loop of clients, all cores each; then what a machine's memory and bandwidth allow.</summary>
internal sealed class FederationBenchmark(int runs)
{
    private const int Clients = 1000;
    private static readonly (string Strategy, string Codec)[] kinds = [("fedala", "none"), ("scaffold", "none"), ("ditto", "none"), ("fedala", "int8")];
    private readonly string program = Environment.ProcessPath!;

    public async Task<JsonObject> Run()
    {
        var (python, script, cores) = (await LearningBenchmark.Python(), Path.Combine(AppContext.BaseDirectory, "Federation", "clients.py"), Environment.ProcessorCount);
        List<JsonObject> ours = [], theirs = [], sums = [];
        for (var run = 0; run < runs; run++)
        {
            await Console.Error.WriteLineAsync($"run {run + 1} of {runs}");
            ours.Add(Rate((double)(await LearningBenchmark.Measure(program, "measure", "clients", Text(Clients), Text(cores)))["seconds"]!));
            if (python is not null) theirs.Add(Rate((await Task.WhenAll(Enumerable.Range(0, cores).Select(_ => Peer(python, script, Clients / cores)))).Max()));
            sums.Add(await LearningBenchmark.Measure(program, "measure", "sums"));
        }
        var rows = new JsonArray
        {
            Rows.Row($"round of {Clients} clients of model A, 5 steps of 10 and the mean, {cores} threads", Rows.Median(ours, "rate"), "clients/s", 3, "higher")
                .Beside($"PyTorch, {cores} processes of one thread", theirs.Count > 0 ? Rows.Median(theirs, "rate") : null, 62),
            Rows.Row("summing 1,000 updates of 23,142 parameters", Rows.Median(sums, "sum") / 1e9, "GB/s", 0.7, "higher").Beside("reading 256 MB, eight accumulators", Rows.Median(sums, "read") / 1e9),
        };
        foreach (var (strategy, codec) in kinds)
        {
            await Console.Error.WriteLineAsync($"10,000 devices, {strategy}, codec {codec}");
            var answer = await LearningBenchmark.Measure(program, "measure", "devices", strategy, codec);
            var name = $"10,000 devices on {answer["data"]}, {strategy}, codec {codec}";
            rows.Add(Rows.Row($"{name}: models of their own that differ", (double)answer["distinct"]!, "models", 10_000, "higher"));
            rows.Add(Rows.Row($"{name}: reports of a round of 1,000, committed", (bool)answer["committed"]! ? (double)answer["reported"]! : 0, "reports", 1000, "higher"));
            rows.Add(Rows.Row($"{name}: peak memory", (double)answer["peak_bytes"]! / 1e9, "GB", 4, "lower"));
            rows.Add(Rows.Row($"{name}: bytes of the round's updates", (double)answer["update_bytes"]!, "bytes", null, "lower"));
            rows.Add(Rows.Row($"{name}: a round", (double)answer["seconds"]!, "seconds", null, "lower"));
        }
        return new JsonObject
        {
            ["machine"] = new JsonObject { ["cores"] = cores, ["runtime"] = Environment.Version.ToString(), ["simd"] = Kernels.Chosen.Width.ToString(), ["runs"] = runs },
            ["rows"] = rows,
        };
    }

    private static JsonObject Rate(double seconds) => new() { ["rate"] = Clients / seconds };

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Seconds of one process of the peer.</summary>
    private static async Task<double> Peer(string python, string script, int clients)
    {
        var start = new ProcessStartInfo(python, [script, Text(clients)]) { RedirectStandardOutput = true };
        start.Environment["OPENBLAS_NUM_THREADS"] = "1";
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? double.Parse(output, CultureInfo.InvariantCulture) : throw new InvalidOperationException($"{script} failed");
    }
}
