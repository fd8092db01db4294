using CitySafeSense.Hotspots;
using CitySafeSense.Numerics;

namespace CitySafeSense.Science.Hotspots;

public class DetectorTests
{
    [Fact]
    public void Page_Hinkley_alarms_seven_steps_after_a_rise_by_one()
    {
        var test = new PageHinkley(delta: 0.05, lambda: 5);
        var alarm = Enumerable.Range(1, 40).First(t => test.Add(t > 20 ? 1 : 0) > 1);
        Assert.Equal(27, alarm);
    }

    [Fact]
    public void Cusum_of_a_steady_shift_grows_by_what_is_above_its_reference_and_knows_since_when()
    {
        var cusum = new Cusum(reference: 0.5, decision: 5);
        for (var i = 0; i < 10; i++) Assert.Equal(0, cusum.Add(0.2));
        double[] ratios = [.. Enumerable.Range(0, 4).Select(_ => cusum.Add(2))];
        Assert.Equal([0.3, 0.6, 0.9, 1.2], ratios.Select(r => Math.Round(r, 12)));
        Assert.Equal(4, cusum.Since);
        cusum.Reset();
        Assert.Equal(-0.5, cusum.Add(-3));
    }

    [Fact]
    public void False_alarms_of_two_sided_cusum_are_as_rare_as_Siegmund_says_and_as_they_are_drawn()
    {
        Assert.Equal(469.1, Cusum.AverageRunLength(0.5, 5), 0.05);
        var (rng, steps) = (new Rng(11), 0L);
        const int Runs = 4000;
        for (var run = 0; run < Runs; run++)
        {
            var cusum = new Cusum(0.5, 5);
            do steps++;
            while (Math.Abs(cusum.Add(rng.Gaussian())) <= 1);
        }
        Assert.InRange(steps / (double)Runs, 465 * 0.95, 465 * 1.05); // Lucas and Crosier 1982: 465
    }

    [Fact]
    public void Limits_of_the_moving_average_widen_to_their_limit()
    {
        Assert.Equal(3 * 0.2, Ewma.LimitAt(1, 0.2, 3), 12);
        Assert.Equal(3 * Math.Sqrt(0.2 / 1.8 * (1 - Math.Pow(0.8, 10))), Ewma.LimitAt(5, 0.2, 3), 12);
        Assert.Equal(3 * Math.Sqrt(0.2 / 1.8), Ewma.LimitAt(1000, 0.2, 3), 12);
        var ewma = new Ewma(0.2, 3);
        Assert.Equal(2 / 3.0, ewma.Add(2), 12);
    }

    [Theory]
    [InlineData("1 2 3 4 5 6 7 8 9 10", 3.9354796)]
    [InlineData("10 9 8 7 6 5 4 3 2 1", -3.9354796)]
    [InlineData("4 4 4 4 4", 0)]
    [InlineData("1 2", 0)]
    public void Mann_Kendall(string series, double z) => Assert.Equal(z, MannKendall.Of([.. series.Split(' ').Select(v => double.Parse(v, System.Globalization.CultureInfo.InvariantCulture))]), 5e-8);

    [Fact]
    public void Mann_Kendall_with_ties()
    {
        // By hand: 8 of 10 pairs rise and two are tied.
        Assert.Equal(7 / Math.Sqrt((5 * 4 * 15 - 2 * 2 * 1 * 9) / 18.0), MannKendall.Of([1, 1, 2, 3, 3]), 12);
    }
}
