using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text.Json.Nodes;
using CitySafeSense.Benchmarks.Learning;
using CitySafeSense.Federation;
using CitySafeSense.Learning;
using CitySafeSense.Numerics;
using CitySafeSense.Privacy;

namespace CitySafeSense.Benchmarks.Federation;

/// <summary>Rates of the federated core.</summary>
internal static class FederationMeasures
{
    private const double NormMax = 50;

    /// <summary>Seconds of one round: so many clients of model A load the weights, take five steps of ten rows, clip and sum their change; then the mean.</summary>
    public static JsonObject ClientLoop(int clients, int threads)
    {
        var network = PeerModels.A;
        var (examples, _) = LearningMeasures.Random(network, 50);
        var basis = network.Initialise(1);
        var workers = Enumerable.Range(0, threads).Select(_ => (Workspace: network.CreateWorkspace(), Weights: new float[basis.Length], Gradient: new float[basis.Length])).ToArray();
        Round(10 * threads);
        var started = Stopwatch.GetTimestamp();
        Round(clients);
        return new JsonObject { ["seconds"] = Stopwatch.GetElapsedTime(started).TotalSeconds };

        float[] Round(int count)
        {
            var sums = workers.Select(_ => new FixedPointSum(basis.Length)).ToArray();
            int[][] batches = [.. Enumerable.Range(0, 50).Chunk(10)];
            Thread[] running = [.. Enumerable.Range(0, threads).Select(t => new Thread(() =>
            {
                var (workspace, weights, gradient) = workers[t];
                for (var c = t; c < count; c += threads)
                {
                    basis.CopyTo(weights, 0);
                    var sgd = new Sgd(weights.Length, 0.001);
                    foreach (var rows in batches)
                    {
                        network.LossAndGradient(weights, examples, rows, workspace, gradient);
                        sgd.Step(weights, gradient);
                    }
                    Kernels.Chosen.AddScaled(-1, basis, weights);
                    sums[t].Add(ClippedUpdate.Clip(weights, 50, NormMax));
                }
            }))];
            foreach (var thread in running) thread.Start();
            foreach (var thread in running) thread.Join();
            foreach (var sum in sums[1..]) sums[0].Add(sum);
            return new MeanServerOptimiser().Step(basis, sums[0].Mean(), ServerMemory.None, 1, 1).Weights;
        }
    }

    /// <summary>Bytes per second of summing a thousand updates, and of reading 256 MB with eight accumulators; by turns, medians of five.</summary>
    public static JsonObject Sums()
    {
        var rng = new Rng(1);
        ClippedUpdate[] updates = [.. Enumerable.Range(0, 1000).Select(_ => ClippedUpdate.Clip([.. Enumerable.Range(0, 23_142).Select(_ => (float)rng.NextDouble() * 0.01f)], 1 + rng.NextInt(100), NormMax))];
        var memory = GC.AllocateUninitializedArray<float>(64 << 20);
        Array.Fill(memory, 0.5f);
        var (sums, reads) = (new List<double>(), new List<double>());
        for (var run = 0; run < 6; run++)
        {
            var started = Stopwatch.GetTimestamp();
            new FixedPointSum(23_142).Add(updates);
            sums.Add(4.0 * 23_142 * updates.Length / Stopwatch.GetElapsedTime(started).TotalSeconds);
            started = Stopwatch.GetTimestamp();
            GC.KeepAlive(Read(memory));
            reads.Add(4.0 * memory.Length / Stopwatch.GetElapsedTime(started).TotalSeconds);
        }
        return new JsonObject { ["sum"] = sums.Skip(1).Order().ElementAt(2), ["read"] = reads.Skip(1).Order().ElementAt(2) };
    }

    private static object Read(float[] memory)
    {
        ref var p = ref MemoryMarshal.GetArrayDataReference(memory);
        Vector256<float> a = default, b = default, c = default, d = default, e = default, f = default, g = default, h = default;
        for (nuint i = 0; i < (nuint)memory.Length; i += 64)
        {
            (a, b) = (a + Vector256.LoadUnsafe(ref p, i), b + Vector256.LoadUnsafe(ref p, i + 8));
            (c, d) = (c + Vector256.LoadUnsafe(ref p, i + 16), d + Vector256.LoadUnsafe(ref p, i + 24));
            (e, f) = (e + Vector256.LoadUnsafe(ref p, i + 32), f + Vector256.LoadUnsafe(ref p, i + 40));
            (g, h) = (g + Vector256.LoadUnsafe(ref p, i + 48), h + Vector256.LoadUnsafe(ref p, i + 56));
        }
        return Vector256.Sum(a + b + c + d + e + f + g + h);
    }
}
