using CitySafeSense.Federation;
using CitySafeSense.Numerics;

namespace CitySafeSense.Science.Federation;

public class PersonalModelTests
{
    private static readonly string Name = new('a', 64);
    private static readonly float[] Basis = [0.5f, 2, 3];
    private static readonly PersonalModel Model = new(WeightDelta.Of([1, 2.25f, 3], Name, Basis, new Rng(1)), new BlendMemory([0.5f, 0.25f], true), [4, 5], [6]);

    [Fact]
    public void Everything_that_is_encoded_is_decoded()
    {
        var bytes = Model.Encode(7);
        Assert.Equal(Name, PersonalModel.BasisOf(bytes));
        var decoded = PersonalModel.Decode(bytes, Name, Basis);
        Assert.Equal([1, 2.25f, 3], decoded.Weights.ToArray());
        Assert.Equal(Model.Blend.Coefficients, decoded.Blend.Coefficients);
        Assert.True(decoded.Blend.Converged);
        Assert.Equal(Model.Control, decoded.Control);
        Assert.Equal(Model.Residual, decoded.Residual);
        Assert.NotEqual(Model.Encode(7), Model.Encode(8));
        Assert.Equal(bytes, decoded.Encode(7));
        Assert.Null(PersonalModel.BasisOf(PersonalModel.Empty.Encode(7)));
    }

    [Fact]
    public void Cut_newer_and_mismatched_bytes_are_refused()
    {
        var bytes = Model.Encode(7);
        for (var length = 0; length < bytes.Length; length++) Assert.Throws<FormatException>(() => PersonalModel.Decode(bytes.AsSpan(0, length), Name, Basis));
        Assert.Throws<FormatException>(() => PersonalModel.Decode(bytes, Name, new float[2]));
        bytes[0] = 4;
        Assert.Contains("version 4", Assert.Throws<FormatException>(() => PersonalModel.Decode(bytes, Name, Basis)).Message);
        bytes[0] = 3;
        bytes[32] = 1;
        Assert.Contains("none of a personal model", Assert.Throws<FormatException>(() => PersonalModel.Decode(bytes, Name, Basis)).Message);
    }

    [Fact]
    public void Versions_1_and_2_as_first_released_are_still_read()
    {
        var first = Convert.FromHexString("010000000100000001000000010700000000000000" + "00004040" + "0000003f");
        var second = Convert.FromHexString("0200000001000000010000000107000000000000000100000000000000" + "00004040" + "0000003f" + "00008040");
        Assert.Null(PersonalModel.BasisOf(second));
        foreach (var bytes in new[] { first, second })
        {
            var decoded = PersonalModel.Decode(bytes, Name, new float[] { 1 });
            Assert.Equal([3f], decoded.Weights.ToArray());
            Assert.Equal([0.5f], decoded.Blend.Coefficients);
            Assert.Equal(Name, PersonalModel.BasisOf(decoded.Encode(7)));
        }
        Assert.Equal([4f], PersonalModel.Decode(second, Name, new float[] { 1 }).Control);
    }

    [Fact]
    public void Weights_take_two_bytes_each_and_are_right_on_average()
    {
        var rng = new Rng(5);
        float[] basis = [.. Enumerable.Range(0, 4000).Select(_ => (float)rng.Gaussian(0, 0.3))];
        float[] weights = [.. basis.Select(b => b + (float)(rng.Gaussian() * Math.Pow(10, -1 - 4 * rng.NextDouble())))];
        var sums = new double[weights.Length];
        for (ulong seed = 0; seed < 200; seed++)
        {
            var kept = WeightDelta.Of(weights, Name, basis, new Rng(seed)).ToArray();
            for (var i = 0; i < sums.Length; i++)
            {
                sums[i] += kept[i];
                // A half has 11 bits; then adding it to the basis rounds as floats do.
                Assert.Equal(weights[i], kept[i], Math.Abs(weights[i] - basis[i]) / 1024 + 3e-7);
            }
        }
        var bias = weights.Select((w, i) => (sums[i] / 200 - w) / Math.Max(1e-7, Math.Abs(w - basis[i]) / 1024)).Average();
        Assert.InRange(bias, -0.02, 0.02);
        Assert.Equal(65 + 2 * 4000, new PersonalModel(WeightDelta.Of(weights, Name, basis, rng), BlendMemory.None, [], []).Encode(1).Length);
    }

    [Fact]
    public void Unknown_strategy_lists_those_that_exist() =>
        Assert.Contains("fedavg, fedavg-ft, fedprox, scaffold", Assert.Throws<ArgumentException>(() => Strategy.Named("fedsomething")).Message);
}
