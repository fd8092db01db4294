using CitySafeSense.Federation;
using CitySafeSense.Numerics;

namespace CitySafeSense.Science.Federation;

public class UpdateCodecTests
{
    [Theory]
    [InlineData("none", 4000, 0)]
    [InlineData("float16", 2000, 5e-4)]
    [InlineData("int8", 1016, 8e-3)]
    [InlineData("top-k:0.1", 800, 1)]
    public void Updates_come_back_as_nearly_as_the_codec_says_in_the_bytes_it_says(string name, int bytes, double error)
    {
        var update = Random(1000);
        var codec = UpdateCodec.Parse(name);
        var encoded = codec.Encode(update);
        Assert.Equal(bytes, encoded.Length);
        var largest = update.Max(Math.Abs);
        foreach (var (before, after) in update.Zip(codec.Decode(encoded, 1000))) Assert.InRange(Math.Abs(before - after), 0, error * largest);
    }

    [Fact]
    public void Top_k_keeps_the_largest_as_they_are()
    {
        var update = Random(1000);
        var decoded = UpdateCodec.Parse("top-k:0.1").Decode(UpdateCodec.Parse("top-k:0.1").Encode(update), 1000);
        var bound = update.Select(Math.Abs).OrderDescending().ElementAt(99);
        for (var i = 0; i < 1000; i++) Assert.Equal(Math.Abs(update[i]) >= bound ? update[i] : 0, decoded[i]);
    }

    [Theory]
    [InlineData("int8")]
    [InlineData("top-k:0.05")]
    public void What_is_left_out_comes_later_so_that_sums_over_rounds_agree(string name)
    {
        var (codec, residual) = (UpdateCodec.Parse(name), Array.Empty<float>());
        float[] sent = new float[300], meant = new float[300];
        for (var round = 0; round < 200; round++)
        {
            var update = Random(300, (ulong)round);
            var bytes = codec.EncodeWithFeedback(update, ref residual);
            Kernels.Chosen.Add(codec.Decode(bytes, 300), sent);
            Kernels.Chosen.Add(update, meant);
        }
        for (var i = 0; i < 300; i++) Assert.Equal(meant[i], sent[i] + residual[i], 1e-2);
        Assert.True(residual.Max(Math.Abs) < 60, "what is left out does not grow with the rounds");
    }

    [Theory]
    [InlineData("none")]
    [InlineData("float16")]
    [InlineData("int8")]
    [InlineData("top-k:0.1")]
    public void Bytes_that_are_no_update_are_refused(string name)
    {
        var codec = UpdateCodec.Parse(name);
        var bytes = codec.Encode(Random(100));
        Assert.Throws<FormatException>(() => codec.Decode(bytes.AsSpan(1), 100));
        Assert.Throws<FormatException>(() => codec.Decode(bytes, name == "top-k:0.1" ? 111 : 101));
        Assert.Throws<FormatException>(() => codec.Decode([], 100));
        if (name != "top-k:0.1") return;
        bytes[8] = bytes[0]; // the second index is no longer above the first
        Assert.Contains("index", Assert.Throws<FormatException>(() => codec.Decode(bytes, 100)).Message);
    }

    [Theory]
    [InlineData("int4")]
    [InlineData("top-k")]
    [InlineData("top-k:0")]
    [InlineData("top-k:2")]
    public void Codecs_that_do_not_exist_are_refused(string name) => Assert.Contains("choose from none, float16", Assert.Throws<ArgumentException>(() => UpdateCodec.Parse(name)).Message);

    private static float[] Random(int length, ulong seed = 1)
    {
        var rng = new Rng(seed);
        return [.. Enumerable.Range(0, length).Select(_ => (float)rng.Gaussian())];
    }
}
