using CitySafeSense.Federation;

namespace CitySafeSense.Science.Federation;

public class ServerOptimiserTests
{
    [Fact]
    public void Momentum_adds_up_by_hand()
    {
        var server = new MomentumServerOptimiser();
        var (weights, memory) = server.Step([1], [1], ServerMemory.None, 0, 1);
        Assert.Equal(2f, weights[0]);
        (weights, memory) = server.Step(weights, [1], memory, 0, 1);
        Assert.Equal(2 + 1.9f, weights[0], 1e-6f);
        Assert.Equal(2, memory.Steps);
    }

    /// <summary>Reddi et al. 2021, algorithm 2, worked by hand with b1 0.9, b2 0.99, tau 1e-3.</summary>
    [Theory]
    [InlineData(false, 0.99e-6 + 0.01 * 0.25)]
    [InlineData(true, 1e-6 + 0.01 * 0.25)]
    public void Adaptive_steps_are_those_of_the_paper(bool isYogi, double v)
    {
        var (weights, memory) = new AdaptiveServerOptimiser(isYogi).Step([1], [0.5f], ServerMemory.None, 0.1, 1);
        Assert.Equal(1 + 0.1 * 0.05 / (Math.Sqrt(v) + 1e-3), weights[0], 1e-6);
        Assert.Equal(0.05, memory.Vectors[0][0], 1e-7);
        Assert.Equal(v, memory.Vectors[1][0], 1e-9);
    }

    [Fact]
    public void Control_variates_move_by_the_share_that_took_part()
    {
        var (weights, memory) = new ControlVariateServerOptimiser().Step([1, 1], [0.5f, 0, 4, 8], ServerMemory.None, 0, 0.25);
        Assert.Equal([1.5f, 1f], weights);
        Assert.Equal([1f, 2f], memory.Vectors[0]);
    }

    [Fact]
    public void Memory_is_decoded_as_it_was_and_nothing_else_is()
    {
        var memory = new ServerMemory(7, [[1, 2], [3, 4]]);
        var decoded = ServerMemory.Decode(memory.Encode());
        Assert.Equal((7L, 2), (decoded.Steps, decoded.Vectors.Count));
        Assert.Equal([3f, 4f], decoded.Vectors[1]);
        var bytes = memory.Encode();
        for (var length = 0; length < bytes.Length; length++) Assert.Throws<FormatException>(() => ServerMemory.Decode(bytes.AsSpan(0, length)));
        bytes[0] = 9;
        Assert.Contains("version 9", Assert.Throws<FormatException>(() => ServerMemory.Decode(bytes)).Message);
        Assert.Equal([0.5f, 0.5f, 0.5f], memory.Vector(0, 3, 0.5f)); // of another model: a fresh one
    }
}
