using CitySafeSense.Numerics;
using CitySafeSense.Privacy;

namespace CitySafeSense.Science.Privacy;

public class DiscreteGaussianTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(10)]
    public void Every_number_comes_as_often_as_the_formula_says(long sigma)
    {
        const int draws = 400_000;
        var (gaussian, counts) = (new DiscreteGaussian(new SeededBytes(new Rng((ulong)sigma))), new Dictionary<long, int>());
        for (var i = 0; i < draws; i++)
        {
            var x = gaussian.Draw(sigma);
            counts[x] = counts.GetValueOrDefault(x) + 1;
        }
        var whole = Enumerable.Range(-200, 401).Sum(x => Math.Exp(-x * x / (2.0 * sigma * sigma)));
        var (chiSquared, cells) = (0.0, 0);
        for (var x = -5 * sigma; x <= 5 * sigma; x++)
        {
            var expected = draws * Math.Exp(-x * x / (2.0 * sigma * sigma)) / whole;
            if (expected < 10) continue;
            chiSquared += Math.Pow(counts.GetValueOrDefault(x) - expected, 2) / expected;
            cells++;
        }
        Assert.True(chiSquared < cells + 4 * Math.Sqrt(2 * cells), $"chi-squared {chiSquared:F1} in {cells} cells");
    }

    [Theory]
    [InlineData(1 << 24)]
    [InlineData(DiscreteGaussian.SigmaMax)]
    public void Wide_ones_have_the_moments_of_the_normal_distribution(long sigma)
    {
        const int draws = 60_000;
        var gaussian = new DiscreteGaussian(new SeededBytes(new Rng(7)));
        var drawn = Enumerable.Range(0, draws).Select(_ => gaussian.Draw(sigma) / (double)sigma).ToArray();
        Assert.Equal(0, drawn.Average(), 4 / Math.Sqrt(draws));
        Assert.Equal(1, drawn.Average(d => d * d), 4 * Math.Sqrt(2.0 / draws));
        Assert.Equal(3, drawn.Average(d => d * d * d * d), 4 * Math.Sqrt(96.0 / draws));
        Assert.Equal(NormalDistribution.UpperTail(2), drawn.Count(d => d > 2) / (double)draws, 4 * Math.Sqrt(0.0228 / draws));
    }

    [Fact]
    public void Odd_and_even_come_alike_and_the_lowest_bits_tell_nothing()
    {
        var gaussian = new DiscreteGaussian(new SeededBytes(new Rng(9)));
        var counts = new int[16];
        for (var i = 0; i < 160_000; i++) counts[gaussian.Draw(1 << 20) & 15]++;
        Assert.True(counts.Sum(c => Math.Pow(c - 10_000, 2) / 10_000) < 40); // chi-squared, 15 degrees of freedom
    }

    [Fact]
    public void Widths_that_cannot_be_drawn_exactly_are_refused()
    {
        var gaussian = new DiscreteGaussian(new SeededBytes(new Rng(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => gaussian.Draw(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => gaussian.Draw(DiscreteGaussian.SigmaMax + 1));
    }

    [Fact]
    public void Chance_is_what_it_says()
    {
        var noise = new Noise(new SeededBytes(new Rng(3)));
        Assert.Equal(0.3, Enumerable.Range(0, 100_000).Count(_ => noise.Chance(0.3)) / 1e5, 0.006);
        Assert.DoesNotContain(true, Enumerable.Range(0, 1000).Select(_ => noise.Chance(0)));
    }
}
