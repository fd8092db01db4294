using CitySafeSense.Numerics;

namespace CitySafeSense.Science.Numerics;

public class RngTests
{
    [Fact]
    public void Same_seed_and_purpose_give_the_same_numbers_and_others_give_others()
    {
        static ulong[] Draw(Rng rng) => [.. Enumerable.Range(0, 8).Select(_ => rng.NextUInt64())];
        Assert.Equal(Draw(Rng.For(1, "a", "b")), Draw(Rng.For(1, "a", "b")));
        Assert.NotEqual(Draw(Rng.For(1, "a", "b")), Draw(Rng.For(1, "b", "a")));
        Assert.NotEqual(Draw(Rng.For(1, "a", "b")), Draw(Rng.For(2, "a", "b")));
    }

    [Fact]
    public void Generator_is_xoshiro_started_by_splitmix()
    {
        // SplitMix64 of seed 0 begins e220a8397b1dcdaf, 6e789e6aa1b965f4, 06c45d188009454f, f88bb8a8724c81ec (Vigna's reference);
        // the first output of xoshiro256** is rotl(s1 * 5, 7) * 9.
        var expected = System.Numerics.BitOperations.RotateLeft(unchecked(0x6e789e6aa1b965f4UL * 5), 7);
        Assert.Equal(unchecked(expected * 9), new Rng(0).NextUInt64());
    }

    [Fact]
    public void Bounded_integers_are_uniform()
    {
        var rng = new Rng(7);
        var counts = new int[6];
        for (var i = 0; i < 60_000; i++) counts[rng.NextInt(6)]++;
        Assert.All(counts, c => Assert.InRange(c, 9_600, 10_400)); // 4.4 standard deviations
    }

    [Fact]
    public void Gaussian_has_mean_zero_and_variance_one()
    {
        var rng = new Rng(8);
        double sum = 0, squares = 0;
        const int Draws = 100_000;
        for (var i = 0; i < Draws; i++)
        {
            var x = rng.Gaussian();
            sum += x;
            squares += x * x;
        }
        Assert.InRange(sum / Draws, -0.015, 0.015);
        Assert.InRange(squares / Draws, 0.98, 1.02);
    }
}
