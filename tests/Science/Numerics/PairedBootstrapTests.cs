using CitySafeSense.Numerics;

namespace CitySafeSense.Science.Numerics;

public class PairedBootstrapTests
{
    [Fact]
    public void Interval_is_near_that_of_the_normal_distribution_for_many_units()
    {
        var rng = new Rng(1);
        double[] differences = [.. Enumerable.Range(0, 400).Select(_ => 0.5 + 2 * rng.Gaussian())];
        var (mean, low, high) = PairedBootstrap.Of(differences, new Rng(2));
        Assert.Equal(differences.Average(), mean, 1e-12);
        Assert.Equal(mean - 1.96 * 2 / 20, low, 0.03);
        Assert.Equal(mean + 1.96 * 2 / 20, high, 0.03);
    }

    [Fact]
    public void Equal_differences_have_no_width_and_none_have_no_mean()
    {
        Assert.Equal(new MeanDifference(0.25, 0.25, 0.25), PairedBootstrap.Of([0.25, 0.25, 0.25], new Rng(1)));
        Assert.Throws<ArgumentException>(() => PairedBootstrap.Of([], new Rng(1)));
    }

    /// <summary>Over many draws of the data about 95 % of the intervals hold the truth; with 21 units a little less.</summary>
    [Fact]
    public void Intervals_hold_the_truth_about_as_often_as_they_say()
    {
        var (rng, held) = (new Rng(5), 0);
        for (var trial = 0; trial < 300; trial++)
        {
            double[] differences = [.. Enumerable.Range(0, 21).Select(_ => 1 + rng.Gaussian())];
            var (_, low, high) = PairedBootstrap.Of(differences, rng, 1000);
            if (low <= 1 && 1 <= high) held++;
        }
        Assert.InRange(held / 300.0, 0.88, 0.98);
    }
}
