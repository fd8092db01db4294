using CitySafeSense.Learning;
using CitySafeSense.Numerics;

namespace CitySafeSense.Science.Learning;

public class TcnTests
{
    public static TheoryData<TcnOptions> Shapes => new()
    {
        TcnOptions.Default(14, 100, 7),
        new TcnOptions(9, 128, 6, 32, 3, [1, 2, 4, 8], 2),
        new TcnOptions(4, 20, 3, 4, 3, [1, 2], 3), // as wide as its input: no skip convolution
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Gradient_agrees_with_finite_differences(TcnOptions options)
    {
        var model = new Tcn(options);
        var (examples, rows) = Random(model, 3);
        var weights = model.Initialise(1);
        var workspace = model.CreateWorkspace();
        var gradient = new float[weights.Length];
        model.LossAndGradient(weights, examples, rows, workspace, gradient);

        // Along random directions: single weights drown in float32's rounding, a direction does not.
        var rng = new Rng(2);
        var scratch = new float[weights.Length];
        for (var probe = 0; probe < 12; probe++)
        {
            var tensor = model.Layout.Tensors[probe % model.Layout.Tensors.Count];
            var direction = new double[weights.Length];
            for (var i = 0; i < tensor.Length; i++) direction[tensor.Offset + i] = rng.Gaussian();
            var norm = Math.Sqrt(direction.Sum(d => d * d));
            const double Step = 2e-3;
            double Loss(double sign)
            {
                float[] moved = [.. weights.Select((w, i) => (float)(w + sign * Step * direction[i] / norm))];
                return model.LossAndGradient(moved, examples, rows, workspace, scratch);
            }
            var numeric = (Loss(1) - Loss(-1)) / (2 * Step);
            var analytic = direction.Select((d, i) => d / norm * gradient[i]).Sum();
            Assert.True(Math.Abs(numeric - analytic) < 2e-3 * Math.Max(1, Math.Abs(analytic)), $"{tensor.Name}: {numeric} by differences, {analytic} by the chain rule");
        }
    }

    [Fact]
    public void Receptive_field_covers_the_window_and_parameters_are_fewer_than_the_prototypes()
    {
        var options = TcnOptions.Default(14, 100, 7);
        Assert.True(options.ReceptiveField >= 100);
        Assert.True(new Tcn(options).Layout.Length < 15_387);
        // The published formula for two convolutions a block: 1 + 2 (k-1) (2^L - 1).
        Assert.Equal(61, new TcnOptions(9, 128, 6, 32, 3, [1, 2, 4, 8], 2).ReceptiveField);
        Assert.Equal(125, new TcnOptions(9, 128, 6, 32, 3, [1, 2, 4, 8, 16], 2).ReceptiveField);
    }

    [Fact]
    public void Peers_model_has_the_parameters_it_is_known_by() =>
        Assert.Equal(23_142, new Tcn(new TcnOptions(9, 128, 6, 32, 3, [1, 2, 4, 8], 2)).Layout.Length);

    [Fact]
    public void First_sample_of_the_window_reaches_the_answer()
    {
        var model = new Tcn(TcnOptions.Default(14, 100, 7));
        var weights = model.Initialise(4);
        var input = new float[model.InputLength];
        var (before, after) = (new float[7], new float[7]);
        var workspace = model.CreateWorkspace();
        model.Logits(weights, input, workspace, before);
        for (var c = 0; c < 14; c++) input[c * 100] = 5;
        model.Logits(weights, input, workspace, after);
        Assert.NotEqual(before, after);
    }

    [Fact]
    public void Bad_batches_are_refused_by_name()
    {
        var model = new Tcn(new TcnOptions(4, 20, 3, 4, 3, [1], 1));
        var (examples, rows) = Random(model, 2);
        var (weights, gradient, workspace) = (model.Initialise(1), new float[model.Layout.Length], model.CreateWorkspace());
        string Refusal(Action action) => Assert.Throws<ArgumentException>(action).Message;
        Assert.Contains("at least one row", Refusal(() => model.LossAndGradient(weights, examples, [], workspace, gradient)));
        Assert.Contains("parameters", Refusal(() => model.LossAndGradient(weights.AsSpan(1), examples, rows, workspace, gradient)));
        Assert.Contains("knows 0 to 2", Refusal(() => model.LossAndGradient(weights, examples.WithLabels([0, 3]), rows, workspace, gradient)));
        Assert.Contains("Width must be", Refusal(() => _ = new Tcn(new TcnOptions(4, 20, 3, 5, 3, [1], 1))));
    }

    [Fact]
    public void Training_does_not_allocate_once_it_runs()
    {
        var model = new Tcn(TcnOptions.Default(14, 100, 7));
        var (examples, rows) = Random(model, 4);
        var (weights, gradient, workspace) = (model.Initialise(1), new float[model.Layout.Length], model.CreateWorkspace());
        var optimiser = new Sgd(weights.Length, 0.01, 0.9);
        void Steps(int n)
        {
            for (var i = 0; i < n; i++)
            {
                model.LossAndGradient(weights, examples, rows, workspace, gradient);
                optimiser.Step(weights, gradient);
            }
        }
        Steps(3);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Steps(20);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1024);
    }

    private static (Examples, int[]) Random(Tcn model, int rows)
    {
        var rng = new Rng(5);
        float[] inputs = [.. Enumerable.Range(0, rows * model.InputLength).Select(_ => (float)rng.Gaussian())];
        return (new Examples(inputs, [.. Enumerable.Range(0, rows).Select(r => r % model.Classes)], model.InputLength), [.. Enumerable.Range(0, rows)]);
    }
}
