using CitySafeSense.Federation;

namespace CitySafeSense.Science.Federation;

public class PersonalModelTests
{
    private static readonly PersonalModel Model = new([1, 2, 3], new BlendMemory([0.5f, 0.25f], true), [4, 5], [6]);

    [Fact]
    public void Everything_that_is_encoded_is_decoded()
    {
        var decoded = PersonalModel.Decode(Model.Encode(7));
        Assert.Equal(Model.Weights, decoded.Weights);
        Assert.Equal(Model.Blend.Coefficients, decoded.Blend.Coefficients);
        Assert.True(decoded.Blend.Converged);
        Assert.Equal(Model.Control, decoded.Control);
        Assert.Equal(Model.Residual, decoded.Residual);
        Assert.NotEqual(Model.Encode(7), Model.Encode(8));
    }

    [Fact]
    public void Cut_or_newer_bytes_are_refused()
    {
        var bytes = Model.Encode(7);
        for (var length = 0; length < bytes.Length; length++) Assert.Throws<FormatException>(() => PersonalModel.Decode(bytes.AsSpan(0, length)));
        bytes[0] = 3;
        Assert.Contains("version 3", Assert.Throws<FormatException>(() => PersonalModel.Decode(bytes)).Message);
    }

    [Fact]
    public void Version_1_as_first_released_is_still_read()
    {
        var fixture = Convert.FromHexString("010000000100000001000000010700000000000000" + "00004040" + "0000003f");
        var decoded = PersonalModel.Decode(fixture);
        Assert.Equal([3f], decoded.Weights);
        Assert.Equal([0.5f], decoded.Blend.Coefficients);
    }

    [Fact]
    public void Unknown_strategy_lists_those_that_exist() =>
        Assert.Contains("fedavg, fedavg-ft, fedprox, scaffold", Assert.Throws<ArgumentException>(() => Strategy.Named("fedsomething")).Message);
}
