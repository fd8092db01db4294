using CitySafeSense.Hotspots;
using CitySafeSense.Numerics;

namespace CitySafeSense.Science.Hotspots;

public class PredictionTests
{
    private static readonly IReadOnlyList<CellId> cells = H3.GridDisk(H3.LatLngToCell(new(-23.5505, -46.6333), 9), 12);

    [Fact]
    public void Ties_at_the_bar_share_the_room_that_is_left()
    {
        Assert.Equal([1, 0.5, 0.5, 0, 0, 0, 0, 0, 0, 0], PredictiveAccuracy.Chosen([9, 5, 5, 1, 1, 1, 1, 1, 1, 1], 0.2));
        Assert.Equal(Enumerable.Repeat(0.2, 10), PredictiveAccuracy.Chosen(new double[10], 0.2).Select(c => Math.Round(c, 12)));
        Assert.Equal(0.75, PredictiveAccuracy.HitRate([1, 0.5, 0.5, 0], [2, 1, 1, 0]));
    }

    [Fact]
    public void Kernel_density_of_a_constant_is_that_constant_also_at_the_edge()
    {
        var zones = new ScanZones(cells, 6);
        Assert.All(KernelDensity.Of(zones, [.. Enumerable.Repeat(3.0, cells.Count)], 2), v => Assert.Equal(3, v, 1e-9));
        double[] one = new double[cells.Count];
        one[0] = 1;
        var spread = KernelDensity.Of(zones, one, 1);
        Assert.True(spread[0] > spread[1] && spread[1] > spread[8] && spread[8] > 0);
        Assert.Equal(0, KernelDensity.Of(zones, one, 1, withItself: false)[0]);
    }

    [Fact]
    public void Shrinking_tells_more_of_a_year_than_counts_where_neighbours_are_alike_and_counts_stand_where_they_are_not()
    {
        var zones = new ScanZones(cells, 6);
        foreach (var alike in new[] { true, false })
        {
            var rng = new Rng(4);
            double[] field = [.. cells.Select(_ => rng.Gaussian())];
            double[] rates = [.. (alike ? KernelDensity.Of(zones, field, 2).Select(v => 8 * v) : field).Select(v => 0.5 * Math.Exp(v))];
            double[][] years = [.. Enumerable.Range(0, 3).Select(_ => rates.Select(r => (double)Draws.Poisson(r, rng)).ToArray())];
            double[] both = [.. years[0].Zip(years[1], (a, b) => a + b)];
            var fitted = ShrunkenRate.Fit(zones, years[..2], 0.1, new Rng(5));
            var (shrunken, counted) = (Hit(fitted.Of(zones, both, 2), years[2]), Hit(both, years[2]));
            Assert.True(alike ? shrunken > counted + 0.02 : fitted.PriorYears == 0 && shrunken == counted, $"{fitted}: {shrunken} {counted}");
        }

        static double Hit(double[] scores, double[] happened) => PredictiveAccuracy.HitRate(PredictiveAccuracy.Chosen(scores, 0.1), happened);
    }
}
