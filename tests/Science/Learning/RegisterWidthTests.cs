using System.Runtime.InteropServices;
using CitySafeSense.Learning;
using CitySafeSense.Numerics;

namespace CitySafeSense.Science.Learning;

/// <summary>Every network, in training and in inference, beside the slow executor on every register width that the processor has.</summary>
public class RegisterWidthTests
{
    private const int Rows = 2;

    public static TheoryData<string> Names => [.. TestNetworks.All, .. TestNetworks.Wide];

    [Theory]
    [MemberData(nameof(Names))]
    public void Training_and_inference_agree_with_the_slow_executor_on_every_width(string name)
    {
        var network = TestNetworks.Named(name);
        var (examples, _) = TestNetworks.Random(network, Rows);
        var weights = TestNetworks.Randomised(network);
        var output = new float[network.Outputs];
        foreach (var kernels in Kernels.Available)
        {
            var workspace = network.CreateWorkspace(kernels);
            var training = OperationPlan.ForTraining(network, kernels);
            foreach (var operation in training) operation.Prepare(weights, forTraining: true);
            for (var row = 0; row < Rows; row++) // twice: nothing of the first may be left
            {
                var forward = Forward(training, weights, examples.Input(row));
                network.Infer(weights, examples.Input(row), workspace, output);
                var expected = SlowNetwork.Infer(network, weights, examples.Input(row));
                for (var i = 0; i < output.Length; i++)
                {
                    Near(expected[i], forward[i], $"{name}, training, {kernels.Width}, row {row}, output {i}");
                    Near(expected[i], output[i], $"{name}, inference, {kernels.Width}, row {row}, output {i}");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Inference_has_the_bits_of_the_forward_pass_in_training(string name)
    {
        var network = TestNetworks.Named(name);
        var (examples, _) = TestNetworks.Random(network, Rows);
        var weights = TestNetworks.Randomised(network);
        var output = new float[network.Outputs];
        var outputs = new List<int[]>();
        foreach (var kernels in Kernels.Available)
        {
            var training = OperationPlan.ForTraining(network, kernels);
            foreach (var operation in training) operation.Prepare(weights, forTraining: true);
            var workspace = network.CreateWorkspace(kernels);
            for (var row = 0; row < Rows; row++)
            {
                network.Infer(weights, examples.Input(row), workspace, output);
                Assert.Equal(Bits(Forward(training, weights, examples.Input(row))), Bits(output));
            }
            outputs.Add(Bits(output));
        }
        Assert.All(outputs, bits => Assert.Equal(outputs[0], bits));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Gradients_have_the_same_bits_on_every_width(string name)
    {
        var network = TestNetworks.Named(name);
        var (examples, rows) = TestNetworks.Random(network, Rows);
        var weights = TestNetworks.Randomised(network);
        var gradients = Kernels.Available.Select(kernels =>
        {
            var gradient = new float[weights.Length];
            network.LossAndGradient(weights, examples, rows, network.CreateWorkspace(kernels), gradient);
            return gradient;
        }).ToArray();
        Assert.All(gradients, gradient => Assert.Equal(Bits(gradients[0]), Bits(gradient)));

        // And they are right: one random direction through all of the weights, by differences of the slow executor.
        var rng = new Rng(2);
        double[] direction = [.. weights.Select(_ => rng.Gaussian())];
        const double Step = 1e-8;
        double Moved(double sign) => SlowNetwork.Loss(network, [.. weights.Select((w, i) => w + sign * Step * direction[i])], examples, rows);
        var numeric = (Moved(1) - Moved(-1)) / (2 * Step);
        var analytic = direction.Select((d, i) => d * gradients[0][i]).Sum();
        var size = Math.Sqrt(direction.Select((d, i) => d * gradients[0][i] * d * gradients[0][i]).Sum());
        Assert.True(Math.Abs(numeric - analytic) < 1e-4 * Math.Max(size, 1e-3), $"{numeric} by differences, {analytic} by the chain rule");
    }

    private static float[] Forward(Operation[] operations, float[] weights, ReadOnlySpan<float> input)
    {
        operations[0].Value.Load(input);
        foreach (var operation in operations.Skip(1)) operation.Forward(weights);
        var output = new float[operations[^1].Value.Shape.Length];
        operations[^1].Value.Store(output);
        return output;
    }

    private static void Near(double expected, float actual, string where) =>
        Assert.True(Math.Abs(expected - actual) <= 1e-4 * Math.Max(1, Math.Abs(expected)), $"{where}: {actual}, expected {expected}");

    private static int[] Bits(ReadOnlySpan<float> x) => MemoryMarshal.Cast<float, int>(x).ToArray();
}
