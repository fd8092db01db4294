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
}
