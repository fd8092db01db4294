using System.Diagnostics;
using System.Text.Json.Nodes;
using CitySafeSense.Learning;

namespace CitySafeSense.Science.Learning;

/// <summary>
/// The same weights, inputs and steps in PyTorch: as recorded (tests/Golden/pytorch.json, PyTorch 1.13 of Debian 12, made by
/// pytorch.py beside it), and live where python3 has PyTorch.
/// </summary>
public class PyTorchTests
{
    private static readonly string golden = Path.Combine(AppContext.BaseDirectory, "Golden");

    private static readonly Lazy<JsonNode?> live = new(() =>
    {
        foreach (var python in new[] { "/usr/bin/python3", "python3" })
        {
            try
            {
                using var process = Process.Start(new ProcessStartInfo(python, [Path.Combine(golden, "pytorch.py")]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
                process.ErrorDataReceived += (_, _) => { };
                process.BeginErrorReadLine();
                var output = process.StandardOutput.ReadToEnd();
                process.WaitForExit();
                if (process.ExitCode == 0) return JsonNode.Parse(output);
            }
            catch (System.ComponentModel.Win32Exception)
            {
                // no python
            }
        }
        return null;
    });

    public static TheoryData<string, bool> Cases => new() { { "tcn", false }, { "wide tcn", false }, { "micro", false }, { "tcn", true }, { "wide tcn", true }, { "micro", true } };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Forward_gradient_and_steps_are_those_of_pytorch(string name, bool isLive)
    {
        var recorded = isLive ? live.Value : JsonNode.Parse(File.ReadAllText(Path.Combine(golden, "pytorch.json")));
        if (recorded is null) return; // no PyTorch here: the recorded values are what is compared
        var expected = recorded[name]!;
        var isTcn = name != "micro";
        var network = isTcn ? Tcn.Build(new TcnOptions(4, 20, 3, name == "tcn" ? 8 : 16, 3, [1, 2], 2)) : Autoencoders.Micro(8);
        var start = Formula(network.Layout.Length, 0.5).Select(v => 0.3f * v).ToArray();
        var examples = isTcn
            ? new Examples(Formula(4 * 4 * 20, 0.1), [0, 1, 2, 0], 80)
            : new Examples([.. Formula(4 * 3 * 64, 0.2).Select(v => 0.5f + 0.5f * v)], [0, 0, 0, 0], 192);
        int[] rows = [0, 1, 2, 3];
        var (workspace, gradient) = (network.CreateWorkspace(), new float[start.Length]);

        var outputs = rows.SelectMany(row =>
        {
            var output = new float[network.Outputs];
            network.Infer(start, examples.Input(row), workspace, output);
            return output;
        });
        Near(expected["output"]!, [.. outputs], "output");
        Assert.Equal((double)expected["loss"]!, network.LossAndGradient(start, examples, rows, workspace, gradient), 1e-6);
        Near(expected["gradient"]!, gradient, "gradient");
        Near(expected["sgd"]!, Trained(new Sgd(start.Length, 0.05, 0.9), 5), "five steps of SGD");
        Assert.InRange(Distance(Vector(expected["adam"]!), Trained(new Adam(start.Length, 0.01), 20)), 0, 1e-4);
        Assert.InRange(Distance(Vector(expected["adamw"]!), Trained(new Adam(start.Length, 0.01, decay: 0.1), 20)), 0, 1e-4);

        float[] Trained(IOptimiser optimiser, int steps)
        {
            var weights = (float[])start.Clone();
            for (var step = 0; step < steps; step++)
            {
                network.LossAndGradient(weights, examples, rows, workspace, gradient);
                optimiser.Step(weights, gradient);
            }
            return weights;
        }
    }

    /// <summary>Within 1e-4 of each element, or of the vector's usual size where an element is next to nothing.</summary>
    private static void Near(JsonNode expected, float[] actual, string what)
    {
        var vector = Vector(expected);
        Assert.Equal(vector.Length, actual.Length);
        var size = Math.Sqrt(vector.Average(v => v * v));
        for (var i = 0; i < vector.Length; i++)
            Assert.True(Math.Abs(vector[i] - actual[i]) <= 1e-4 * Math.Max(Math.Abs(vector[i]), 0.01 * size), $"{what}[{i}]: {vector[i]} in PyTorch, {actual[i]} here");
    }

    private static double Distance(double[] expected, float[] actual) =>
        Math.Sqrt(expected.Zip(actual, (e, a) => (e - a) * (e - a)).Sum() / expected.Sum(e => e * e));

    private static double[] Vector(JsonNode node) => [.. node.AsArray().Select(v => (double)v!)];

    private static float[] Formula(int n, double shift) => [.. Enumerable.Range(0, n).Select(i => (float)Math.Sin(0.7 * i + shift + 0.001 * i * i))];
}
