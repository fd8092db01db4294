using System.Runtime.InteropServices;
using CitySafeSense.Benchmarks.Learning;
using CitySafeSense.Learning;
using CitySafeSense.Numerics;

namespace CitySafeSense.Science.Learning;

/// <summary>Every kind of layer and every model, beside the slow executor and beside finite differences.</summary>
public class NetworkTests
{
    public static TheoryData<string> Names => TestNetworks.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void Outputs_agree_with_the_slow_executor(string name)
    {
        var network = TestNetworks.Named(name);
        var (examples, _) = TestNetworks.Random(network, 2);
        var weights = TestNetworks.Randomised(network);
        var output = new float[network.Outputs];
        var workspace = network.CreateWorkspace();
        for (var row = 0; row < examples.Count; row++) // twice: nothing of the first may be left
        {
            network.Infer(weights, examples.Input(row), workspace, output);
            var expected = SlowNetwork.Infer(network, weights, examples.Input(row));
            for (var i = 0; i < output.Length; i++) Assert.Equal(expected[i], output[i], 1e-4 * Math.Max(1, Math.Abs(expected[i])));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Gradients_agree_with_finite_differences_of_the_slow_executor(string name)
    {
        var network = TestNetworks.Named(name);
        var (examples, rows) = TestNetworks.Random(network, RowsOf(name));
        var weights = TestNetworks.Randomised(network);
        var gradient = new float[weights.Length];
        var loss = network.LossAndGradient(weights, examples, rows, network.CreateWorkspace(), gradient);
        Assert.Equal(SlowNetwork.Loss(network, [.. weights], examples, rows), loss, 1e-5);

        // In double precision and along random directions within each tensor.
        var rng = new Rng(2);
        foreach (var tensor in network.Layout.Tensors)
        {
            var direction = new double[weights.Length];
            for (var i = 0; i < tensor.Length; i++) direction[tensor.Offset + i] = rng.Gaussian();
            const double Step = 1e-8;
            double Moved(double sign) => SlowNetwork.Loss(network, [.. weights.Select((w, i) => w + sign * Step * direction[i])], examples, rows);
            var numeric = (Moved(1) - Moved(-1)) / (2 * Step);
            var analytic = direction.Select((d, i) => d * gradient[i]).Sum();
            var size = Math.Sqrt(direction.Select((d, i) => d * gradient[i] * d * gradient[i]).Sum());
            Assert.True(Math.Abs(numeric - analytic) < 1e-4 * Math.Max(size, 1e-3), $"{tensor.Name}: {numeric} by differences, {analytic} by the chain rule");
        }
    }

    /// <summary>Narrow autoencoders train on sixteen at once: twice that, and a few that are left.</summary>
    private static int RowsOf(string name) => name == "micro autoencoder" ? 35 : 3;

    [Fact]
    public void Sixteen_examples_at_once_have_the_gradient_of_sixteen_after_each_other()
    {
        var network = Autoencoders.Micro();
        var (examples, rows) = TestNetworks.Random(network, 16);
        var (weights, workspace) = (TestNetworks.Randomised(network), network.CreateWorkspace());
        var (together, one, mean, loss) = (new float[weights.Length], new float[weights.Length], new double[weights.Length], 0.0);
        for (var twice = 0; twice < 2; twice++) network.LossAndGradient(weights, examples, rows, workspace, together); // nothing of the first may be left
        foreach (var row in rows)
        {
            loss += network.LossAndGradient(weights, examples, [row], workspace, one) / 16;
            for (var i = 0; i < mean.Length; i++) mean[i] += one[i] / 16.0;
        }
        Assert.Equal(loss, network.LossAndGradient(weights, examples, rows, workspace, together), 1e-6 * loss);
        var largest = mean.Max(Math.Abs);
        for (var i = 0; i < mean.Length; i++) Assert.Equal(mean[i], together[i], 1e-5 * largest);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Fifty_steps_of_training_end_in_the_same_bits_on_every_width(string name)
    {
        var network = TestNetworks.Named(name);
        var (examples, rows) = TestNetworks.Random(network, RowsOf(name) + 2);
        var hashes = Kernels.Available.Select(kernels =>
        {
            var (weights, gradient, workspace) = (network.Initialise(1), new float[network.Layout.Length], network.CreateWorkspace(kernels));
            var adam = new Adam(weights.Length, 0.003, decay: 0.01);
            for (var step = 0; step < 50; step++)
            {
                network.LossAndGradient(weights, examples, rows, workspace, gradient);
                adam.Step(weights, gradient);
            }
            return StableHash.Of(MemoryMarshal.AsBytes(weights.AsSpan()));
        }).ToArray();
        Assert.Single(hashes.Distinct()); // where there is only one width, tests/Processors compares with what others made
        Assert.NotEqual(hashes[0], StableHash.Of(MemoryMarshal.AsBytes(network.Initialise(1).AsSpan())));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Training_does_not_allocate_once_it_runs(string name)
    {
        var network = TestNetworks.Named(name);
        var (examples, rows) = TestNetworks.Random(network, 2);
        var (weights, gradient, workspace, output) = (network.Initialise(1), new float[network.Layout.Length], network.CreateWorkspace(), new float[network.Outputs]);
        var optimiser = new Sgd(weights.Length, 0.001, 0.9);
        void Steps(int n)
        {
            for (var i = 0; i < n; i++)
            {
                network.LossAndGradient(weights, examples, rows, workspace, gradient);
                optimiser.Step(weights, gradient);
                network.Infer(weights, examples.Input(0), workspace, output);
            }
        }
        Steps(3);
        // A collection that another test causes is charged here too, now and then; what a step allocates is charged every time.
        Assert.InRange(Enumerable.Range(0, 3).Min(_ =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Steps(20);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }), 0, 1024);
    }

    [Fact]
    public void Peers_models_have_the_parameters_they_are_known_by()
    {
        Assert.Equal(23_142, TestNetworks.Named("tcn of the peers").Layout.Length);
        Assert.Equal(47_107, PeerModels.B.Layout.Length);
        Assert.Equal(7_987, Autoencoders.Simple().Layout.Length);
        Assert.Equal((577, 19_083, 777), (Autoencoders.Micro().Layout.Length, Autoencoders.Bottleneck().Layout.Length, Autoencoders.MicroBottleneck().Layout.Length));
    }

    [Fact]
    public void Class_weights_count_as_repetition_does()
    {
        var options = new TcnOptions(4, 20, 2, 8, 3, [1, 2], 1);
        var (weighted, plain) = (Tcn.Build(options, [1, 3]), Tcn.Build(options));
        var (examples, _) = TestNetworks.Random(plain, 4);
        var weights = TestNetworks.Randomised(plain);
        var (g, expected) = (new float[weights.Length], new float[weights.Length]);
        var loss = weighted.LossAndGradient(weights, examples, [0, 1], weighted.CreateWorkspace(), g);
        Assert.Equal(plain.LossAndGradient(weights, examples, [0, 1, 1, 1], plain.CreateWorkspace(), expected), loss, 1e-6);
        for (var i = 0; i < g.Length; i++) Assert.Equal(expected[i], g[i], 1e-5);
        Assert.Equal([0.75, 1.5], CrossEntropy.Balanced(new Examples(new float[3], [0, 0, 1], 1), 2));
    }

    [Fact]
    public void Bad_batches_are_refused_by_name_before_any_work()
    {
        var network = Tcn.Build(new TcnOptions(4, 20, 3, 4, 3, [1], 1));
        var (examples, rows) = TestNetworks.Random(network, 2);
        var (weights, gradient, workspace) = (network.Initialise(1), new float[network.Layout.Length], network.CreateWorkspace());
        string Refusal(Action action)
        {
            Array.Fill(gradient, 7);
            var message = Assert.Throws<ArgumentException>(action).Message;
            Assert.All(gradient, g => Assert.Equal(7, g));
            return message;
        }
        Assert.Contains("at least one row", Refusal(() => network.LossAndGradient(weights, examples, [], workspace, gradient)));
        Assert.Contains("there is no row 2", Refusal(() => network.LossAndGradient(weights, examples, [2], workspace, gradient)));
        Assert.Contains("parameters", Refusal(() => network.LossAndGradient(weights.AsSpan(1), examples, rows, workspace, gradient)));
        Assert.Contains("knows 0 to 2", Refusal(() => network.LossAndGradient(weights, examples.WithLabels([0, 3]), rows, workspace, gradient)));
        var poisoned = (float[])weights.Clone();
        poisoned[17] = float.NaN;
        Assert.Contains("parameter 17 of", Refusal(() => network.LossAndGradient(poisoned, examples, rows, workspace, gradient)));
        float[] silent = [.. examples.Input(0), .. examples.Input(1)];
        silent[network.InputLength + 3] = float.PositiveInfinity;
        Assert.Contains("row 1: value 3 of 80", Refusal(() => network.LossAndGradient(weights, new Examples(silent, [0, 1], network.InputLength), rows, workspace, gradient)));
        Assert.Contains("takes inputs of 80", Refusal(() => network.LossAndGradient(weights, new Examples(new float[40], [0], 40), [0], workspace, gradient)));
        Assert.Contains("counts nothing", Refusal(() => Tcn.Build(new TcnOptions(4, 20, 3, 4, 3, [1], 1), [0, 0, 1]).LossAndGradient(weights, examples, rows, workspace, gradient)));
        Assert.Contains("Width must be", Refusal(() => _ = Tcn.Build(new TcnOptions(4, 20, 3, 0, 3, [1], 1))));
        Assert.Contains("cannot be halved", Refusal(() => _ = Autoencoders.Simple(15)));
        var other = Tcn.Build(new TcnOptions(4, 20, 3, 4, 3, [2], 1));
        Assert.Contains("of another model", Refusal(() => other.LossAndGradient(weights, examples, rows, workspace, gradient)));
    }

    [Fact]
    public void Layers_that_cannot_be_are_refused_by_name()
    {
        string Refusal(Action<NetworkBuilder> add) => Assert.Throws<ArgumentException>(() => add(new NetworkBuilder(new Shape(3, 8, 8)))).Message;
        Assert.Contains("a: 4 x 0 x 0 is nothing", Refusal(n => n.Convolution("a", n.Input, 4, Window.Square(9, 2, 0), Activation.None)));
        Assert.Contains("its padding is smaller than itself", Refusal(n => n.Convolution("a", n.Input, 4, Window.Square(2, 1, 2), Activation.None)));
        Assert.Contains("a stride", Refusal(n => n.Convolution("a", n.Input, 4, Window.Square(2, 0, 0), Activation.None)));
        Assert.Contains("extra rows", Refusal(n => n.TransposedConvolution("a", n.Input, 4, Window.Square(2, 2, 0), 2, Activation.None)));
        Assert.Contains("too many", Refusal(n => n.Dense("a", n.GlobalAverage("m", n.Input), 1 << 30, Activation.None)));
        Assert.Contains("is nothing", Refusal(n => n.Dense("a", n.GlobalAverage("m", n.Input), 0, Activation.None)));
        Assert.Contains("there is one already", Refusal(n => n.MaxPool("a", n.MaxPool("a", n.Input))));
        Assert.Contains("cannot be called \"logits\"", Refusal(n => n.MaxPool("logits", n.Input)));
        Assert.Contains("too many", Assert.Throws<ArgumentException>(() => Mlp.Build(1400, [3_067_840], 7)).Message); // 2^32 and a little: an int would wrap round
    }
}
