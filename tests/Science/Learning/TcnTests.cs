using CitySafeSense.Learning;

namespace CitySafeSense.Science.Learning;

public class TcnTests
{
    [Fact]
    public void Receptive_field_covers_the_window_and_parameters_are_fewer_than_the_prototypes()
    {
        var options = TcnOptions.Default(14, 100, 7);
        Assert.True(options.ReceptiveField >= 100);
        Assert.True(Tcn.Build(options).Layout.Length < 15_387);
        // The published formula for two convolutions a block: 1 + 2 (k-1) (2^L - 1).
        Assert.Equal(61, new TcnOptions(9, 128, 6, 32, 3, [1, 2, 4, 8], 2).ReceptiveField);
        Assert.Equal(125, new TcnOptions(9, 128, 6, 32, 3, [1, 2, 4, 8, 16], 2).ReceptiveField);
    }

    [Fact]
    public void First_sample_of_the_window_reaches_the_answer()
    {
        var model = Tcn.Build(TcnOptions.Default(14, 100, 7));
        var weights = model.Initialise(4);
        var input = new float[model.InputLength];
        var (before, after) = (new float[7], new float[7]);
        var workspace = model.CreateWorkspace();
        model.Infer(weights, input, workspace, before);
        for (var c = 0; c < 14; c++) input[c * 100] = 5;
        model.Infer(weights, input, workspace, after);
        Assert.NotEqual(before, after);
    }

    /// <summary>Minimal filtering too: nothing comes of a sample but where its filters look, to the bit.</summary>
    [Theory]
    [InlineData(8)]
    [InlineData(16)]
    public void What_comes_later_changes_nothing_and_what_is_out_of_reach_neither(int width)
    {
        const int Samples = 40;
        var network = new NetworkBuilder(new Shape(2, 1, Samples));
        var x = network.Convolution("first", network.Input, width, Window.Point, Activation.None);
        foreach (var dilation in new[] { 1, 2, 4 }) x = network.Convolution($"d{dilation}", x, width, Window.Causal(3, dilation), Activation.None);
        network.Convolution("last", x, 2, Window.Point, Activation.None);
        var model = network.Build("causal", new ReconstructionError(), (_, fanIn) => Math.Sqrt(1.0 / fanIn));
        var (weights, workspace, reach) = (model.Initialise(3), model.CreateWorkspace(), 1 + 2 * (1 + 2 + 4));
        float[] Outputs(int perturbed)
        {
            var (input, output) = (new float[model.InputLength], new float[model.Outputs]);
            for (var i = 0; i < input.Length; i++) input[i] = MathF.Sin(i * 1.7f) + (i == perturbed ? 1000 : 0);
            model.Infer(weights, input, workspace, output);
            return output;
        }
        var before = Outputs(-1);
        for (var t = 0; t < Samples; t++)
        {
            var after = Outputs(t);
            for (var s = 0; s < Samples; s++)
                Assert.True((s >= t && s < t + reach) == (before[s] != after[s] || before[Samples + s] != after[Samples + s]), $"sample {t} and output {s}");
        }
    }
}
