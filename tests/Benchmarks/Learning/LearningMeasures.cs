using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Text.Json.Nodes;
using CitySafeSense.Learning;
using CitySafeSense.Numerics;

namespace CitySafeSense.Benchmarks.Learning;

/// <summary>Rates of ours on one thread, each over about a second after a warm-up.</summary>
internal static class LearningMeasures
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(0.4), Span = TimeSpan.FromSeconds(1);

    public static JsonObject All()
    {
        var rates = new JsonObject();
        foreach (var batch in new[] { 10, 32, 128 }) rates[$"A train {batch}"] = Train(PeerModels.A, batch);
        rates["B train 16"] = Train(PeerModels.B, 16);
        rates["C train 16"] = Train(PeerModels.C, 16);
        rates["A client round"] = ClientRounds(PeerModels.A);
        rates["A infer"] = Infer(PeerModels.A);
        foreach (var (name, rate) in KernelShares()) rates[name] = rate;
        return rates;
    }

    /// <summary>Samples per second: gradient of a batch and a step of SGD.</summary>
    public static double Train(Network network, int batch)
    {
        var (examples, rows) = Random(network, batch);
        var (weights, gradient, workspace) = (network.Initialise(1), new float[network.Layout.Length], network.CreateWorkspace());
        var sgd = new Sgd(weights.Length, 0.001);
        return batch * Rate(() =>
        {
            network.LossAndGradient(weights, examples, rows, workspace, gradient);
            sgd.Step(weights, gradient);
        });
    }

    /// <summary>Clients per second: load weights, five steps of ten rows, read weights.</summary>
    public static double ClientRounds(Network network)
    {
        const int Clients = 32;
        var (examples, _) = Random(network, 50);
        var clients = Enumerable.Range(0, Clients).Select(c => network.Initialise((ulong)c)).ToArray();
        int[][] batches = [.. Enumerable.Range(0, 50).Chunk(10)];
        var (weights, gradient, workspace) = (new float[network.Layout.Length], new float[network.Layout.Length], network.CreateWorkspace());
        var next = 0;
        return Rate(() =>
        {
            var client = clients[next++ % Clients];
            client.CopyTo(weights, 0);
            var sgd = new Sgd(weights.Length, 0.001);
            foreach (var rows in batches)
            {
                network.LossAndGradient(weights, examples, rows, workspace, gradient);
                sgd.Step(weights, gradient);
            }
            weights.CopyTo(client, 0);
        });
    }

    /// <summary>Client rounds per second of so many threads in this process, each with a workspace of its own.</summary>
    public static JsonObject RoundsOn(int threads)
    {
        var rates = new double[threads];
        Thread[] workers = [.. Enumerable.Range(0, threads).Select(t => new Thread(() => rates[t] = ClientRounds(PeerModels.A)))];
        foreach (var worker in workers) worker.Start();
        foreach (var worker in workers) worker.Join();
        return new JsonObject { ["rounds"] = rates.Sum() };
    }

    /// <summary>Windows per second, each with other weights, as personal models are.</summary>
    public static double Infer(Network network)
    {
        const int Models = 32;
        var (examples, _) = Random(network, 64);
        var models = Enumerable.Range(0, Models).Select(c => network.Initialise((ulong)c)).ToArray();
        var (workspace, output, next) = (network.CreateWorkspace(), new float[network.Outputs], 0);
        return Rate(() =>
        {
            network.Infer(models[next % Models], examples.Input(next % 64), workspace, output);
            next++;
        });
    }

    /// <summary>GFLOP/s of the processor's fused multiply-adds, and of the kernels of one convolution 32 -> 32, 3 taps, 128 samples.</summary>
    private static IEnumerable<(string, double)> KernelShares()
    {
        yield return ("peak", Peak());
        var window = Window.Causal(3, 4);
        var (x, y) = (new Shape(32, 1, 128), new Shape(32, 1, 128));
        var (borderX, borderY) = TapGeometry.Borders(window, x, y);
        var (big, small) = (new Image(x, borderX), new Image(y, borderY));
        var geometry = new TapGeometry(Kernels.Chosen, window, big, small);
        var (weights, bias, gradient) = (new float[3 * 32 * 32], new float[32], new float[3 * 32 * 32]);
        const double GigaOperations = 2e-9 * 128 * 32 * 32 * 3;
        yield return ("forward", GigaOperations * Rate(() => geometry.Gather(big, weights, bias, small)));
        yield return ("dX", GigaOperations * Rate(() => geometry.Scatter(small, weights, bias, big)));
        yield return ("dW", GigaOperations * Rate(() => geometry.Correlate(big, small, gradient)));
    }

    private static double Peak() => Kernels.Chosen.Width switch
    {
        SimdWidth.Bits512 => 2e-9 * 16 * 12 * 1000 * Rate(() => Chains512(1000)),
        SimdWidth.Bits256 => 2e-9 * 8 * 12 * 1000 * Rate(() => Chains256(1000)),
        _ => double.NaN,
    };

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector512<float> Chains512(int n)
    {
        var x = Vector512.Create(0.5f);
        Vector512<float> a = x * 1, b = x * 2, c = x * 3, d = x * 4, e = x * 5, f = x * 6, g = x * 7, h = x * 8, i = x * 9, j = x * 10, k = x * 11, l = x * 12;
        for (; n > 0; n--)
        {
            (a, b, c) = (Vector512.FusedMultiplyAdd(a, x, x), Vector512.FusedMultiplyAdd(b, x, x), Vector512.FusedMultiplyAdd(c, x, x));
            (d, e, f) = (Vector512.FusedMultiplyAdd(d, x, x), Vector512.FusedMultiplyAdd(e, x, x), Vector512.FusedMultiplyAdd(f, x, x));
            (g, h, i) = (Vector512.FusedMultiplyAdd(g, x, x), Vector512.FusedMultiplyAdd(h, x, x), Vector512.FusedMultiplyAdd(i, x, x));
            (j, k, l) = (Vector512.FusedMultiplyAdd(j, x, x), Vector512.FusedMultiplyAdd(k, x, x), Vector512.FusedMultiplyAdd(l, x, x));
        }
        return a + b + c + d + e + f + g + h + i + j + k + l;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector256<float> Chains256(int n)
    {
        var x = Vector256.Create(0.5f);
        Vector256<float> a = x * 1, b = x * 2, c = x * 3, d = x * 4, e = x * 5, f = x * 6, g = x * 7, h = x * 8, i = x * 9, j = x * 10, k = x * 11, l = x * 12;
        for (; n > 0; n--)
        {
            (a, b, c) = (Vector256.FusedMultiplyAdd(a, x, x), Vector256.FusedMultiplyAdd(b, x, x), Vector256.FusedMultiplyAdd(c, x, x));
            (d, e, f) = (Vector256.FusedMultiplyAdd(d, x, x), Vector256.FusedMultiplyAdd(e, x, x), Vector256.FusedMultiplyAdd(f, x, x));
            (g, h, i) = (Vector256.FusedMultiplyAdd(g, x, x), Vector256.FusedMultiplyAdd(h, x, x), Vector256.FusedMultiplyAdd(i, x, x));
            (j, k, l) = (Vector256.FusedMultiplyAdd(j, x, x), Vector256.FusedMultiplyAdd(k, x, x), Vector256.FusedMultiplyAdd(l, x, x));
        }
        return a + b + c + d + e + f + g + h + i + j + k + l;
    }

    /// <summary>Calls per second of wall clock, on this thread alone.</summary>
    internal static double Rate(Action work)
    {
        var calls = 0L;
        for (var started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < WarmUp; calls++) work();
        var chunk = Math.Max(1, calls / 40);
        calls = 0;
        var measured = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(measured) < Span)
        {
            for (var i = 0L; i < chunk; i++) work();
            calls += chunk;
        }
        return calls / Stopwatch.GetElapsedTime(measured).TotalSeconds;
    }

    internal static (Examples, int[]) Random(Network network, int rows)
    {
        var rng = new Rng(5);
        float[] inputs = [.. Enumerable.Range(0, rows * network.InputLength).Select(_ => (float)rng.Gaussian())];
        return (new Examples(inputs, [.. Enumerable.Range(0, rows).Select(r => r % 6)], network.InputLength), [.. Enumerable.Range(0, rows)]);
    }
}
