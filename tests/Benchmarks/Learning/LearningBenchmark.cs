using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json.Nodes;
using CitySafeSense.Numerics;

namespace CitySafeSense.Benchmarks.Learning;

/// <summary>The learning engine beside PyTorch and ONNX Runtime: the same models and batches, by turns, medians of several runs, one thread each.</summary>
internal sealed class LearningBenchmark(int runs)
{
    private const string PyTorch = "PyTorch", OnnxRuntime = "ONNX Runtime";
    private readonly string program = Environment.ProcessPath!;
    private readonly string script = Path.Combine(AppContext.BaseDirectory, "Learning", "peer.py");

    public async Task<JsonObject> Run()
    {
        var python = await Python();
        if (python is null) await Console.Error.WriteLineAsync("python3 has no PyTorch: its figures are those that were measured before, in the field \"reference\"");
        List<JsonObject> ours = [], torch = [], onnx = [], threads = [], processes = [];
        for (var run = 0; run < runs; run++)
        {
            await Console.Error.WriteLineAsync($"run {run + 1} of {runs}");
            ours.Add(await Measure(program, "measure", "learning"));
            if (python is not null) torch.Add(await Measure(python, script));
            onnx.Add(await Measure(program, "measure", "onnx"));
            threads.Add(await Measure(program, "measure", "rounds", "2"));
            var both = await Task.WhenAll(Measure(program, "measure", "rounds", "1"), Measure(program, "measure", "rounds", "1"));
            processes.Add(new JsonObject { ["rounds"] = both.Sum(b => (double)b["rounds"]!) });
        }
        var isWide = Kernels.Chosen.Width == SimdWidth.Bits512;
        var rows = new JsonArray();
        foreach (var (batch, reference) in new[] { (10, 1990), (32, 2120) }) Beside($"A (TCN, 23,142 parameters): training, batch {batch}", $"A train {batch}", "samples/s", isWide ? 2.5 : 1.3, reference);
        Beside("A: training, batch 128", "A train 128", "samples/s", null, 2540);
        Beside("A: client round (load weights, 5 steps of 10, read weights)", "A client round", "clients/s", 3.5, 41);
        Beside("B (autoencoder 64 x 64, 47,107 parameters): training, batch 16", "B train 16", "samples/s", 3, 1000);
        Beside("C (autoencoder for microcontrollers 32 x 32): training, batch 16", "C train 16", "samples/s", 12, 3400);
        var infer = Rows.Median(ours, "A infer");
        rows.Add(Rows.Row("A: inference, each window with weights of its own, beside batch 1", infer, "windows/s", 1.1, "higher").Beside(OnnxRuntime, Rows.Median(onnx, "float 1")));
        rows.Add(Rows.Row("A: inference, each window with weights of its own, beside batch 32", infer, "windows/s", 1, "higher").Beside(OnnxRuntime, Rows.Median(onnx, "float 32")));
        foreach (var batch in new[] { 1, 32 }) rows.Add(Rows.Row($"A: inference with one model for all in eight bits, {OnnxRuntime}, batch {batch}", Rows.Median(onnx, $"int8 {batch}"), "windows/s", null, "higher"));
        var peak = Rows.Median(ours, "peak");
        rows.Add(Rows.Row("fused multiply-adds of this core, measured", peak, "GFLOP/s", null, "higher"));
        foreach (var kernel in new[] { "forward", "dX", "dW" }) rows.Add(Rows.Row($"convolution 32 -> 32, 3 taps, 128 samples: {kernel}, share of that", 100 * Rows.Median(ours, kernel) / peak, "%", 60, "higher"));
        rows.Add(Rows.Row("A: client rounds of two threads, beside two processes", Rows.Median(threads, "rounds"), "clients/s", 0.9, "higher").Beside("two processes of one thread", Rows.Median(processes, "rounds")));
        return new JsonObject
        {
            ["machine"] = new JsonObject
            {
                ["cores"] = Environment.ProcessorCount,
                ["runtime"] = Environment.Version.ToString(),
                ["simd"] = Kernels.Chosen.Width.ToString(),
                ["pytorch"] = (string?)torch.FirstOrDefault()?["version"],
                ["onnx_runtime"] = (string?)onnx[0]["version"],
                ["runs"] = runs,
            },
            ["rows"] = rows,
        };

        void Beside(string name, string field, string unit, double? goal, double reference) => rows.Add(
            Rows.Row(name, Rows.Median(ours, field), unit, goal, "higher").Beside(PyTorch, torch.Count > 0 ? Rows.Median(torch, field) : null, reference));
    }

    /// <summary>A python3 that has PyTorch, or nothing.</summary>
    internal static async Task<string?> Python()
    {
        foreach (var python in new[] { "/usr/bin/python3", "python3" })
        {
            try
            {
                using var process = Process.Start(new ProcessStartInfo(python, ["-c", "import torch"]) { RedirectStandardError = true })!;
                await process.StandardError.ReadToEndAsync();
                await process.WaitForExitAsync();
                if (process.ExitCode == 0) return python;
            }
            catch (Win32Exception)
            {
                // no python
            }
        }
        return null;
    }

    /// <summary>What a measurement prints, in a process of its own.</summary>
    internal static async Task<JsonObject> Measure(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true };
        start.Environment["OPENBLAS_NUM_THREADS"] = "1";
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? (JsonObject)JsonNode.Parse(output)! : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} failed");
    }
}
