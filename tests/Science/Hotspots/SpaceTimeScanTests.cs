using CitySafeSense.Hotspots;
using CitySafeSense.Numerics;

namespace CitySafeSense.Science.Hotspots;

public class SpaceTimeScanTests
{
    private static readonly IReadOnlyList<CellId> cells = H3.GridDisk(H3.LatLngToCell(new(-23.5505, -46.6333), 9), 9); // 271

    [Fact]
    public void Likelihood_ratios_are_the_published_ones()
    {
        Assert.Equal(3.5724296, ScanLikelihood.Ratio(10, 4, 50), 5e-8);
        Assert.Equal(14.083511, ScanLikelihood.Ratio(100, 58.28270931, 552), 5e-7); // leukemia in upstate New York
        Assert.Equal(0, ScanLikelihood.Ratio(4, 10, 50));
        Assert.Equal(50 * Math.Log(50 / 4.0), ScanLikelihood.Ratio(50, 4, 50), 1e-9);
    }

    [Fact]
    public void The_bound_that_spares_logarithms_is_one()
    {
        var rng = new Rng(2);
        for (var i = 0; i < 100_000; i++)
        {
            var total = 1 + rng.NextInt(1000);
            var (expected, cases) = (rng.Uniform(0.001, total * 0.999), rng.NextInt(total + 1));
            if (cases <= expected) continue;
            Assert.True(ScanLikelihood.Ratio(cases, expected, total) <= ScanLikelihood.BoundFactor(expected, total) * Math.Pow(cases - expected, 2) * (1 + 1e-9), $"{cases} {expected} {total}");
        }
    }

    [Theory]
    [InlineData(ScanModel.Poisson)]
    [InlineData(ScanModel.Permutation)]
    public void A_cluster_that_was_planted_is_found_where_it_is_and_since_when(ScanModel model)
    {
        var (cases, expected) = Draw(1);
        var planted = H3.GridDisk(cells[60], 1).Select(c => ((List<CellId>)[.. cells]).IndexOf(c)).ToArray();
        foreach (var cell in planted)
            for (var day = 37; day < 40; day++) cases[cell * 40 + day] += 4;
        var scan = new SpaceTimeScan(new ScanZones(cells, 4), 14);
        var cluster = Assert.Single(scan.Run(cases, expected, model, 199, 1));
        Assert.Equal((cells[60], 1, 3), (cluster.Centre, cluster.Radius, cluster.Periods));
        Assert.Equal((0.005, 200), (cluster.P, cluster.RecurrencePeriods));
        Assert.True(cluster.Cases >= 84 && cluster.Expected < 30);
        Assert.Equal(cluster, Assert.Single(scan.Run(cases, expected, model, 199, 1)));
    }

    [Fact]
    public void Without_a_cluster_p_is_any_number()
    {
        var (zones, p) = (new ScanZones(cells, 3), new List<double>());
        var scan = new SpaceTimeScan(zones, 7);
        for (var run = 0; run < 60; run++)
        {
            var (cases, expected) = Draw((ulong)run + 100);
            p.Add(scan.Run(cases, expected, ScanModel.Poisson, 39, (ulong)run)[0].P);
        }
        Assert.InRange(p.Average(), 0.38, 0.64);
        Assert.InRange(p.Count(v => v <= 0.05), 0, 8);
    }

    [Fact]
    public void A_naive_scan_finds_the_same_cylinder()
    {
        var (cases, expected) = Draw(7);
        var zones = new ScanZones(cells, 2);
        var cluster = new SpaceTimeScan(zones, 5).Run(cases, expected, ScanModel.Poisson, 0, 1)[0];
        var scale = cases.Sum() / expected.Sum();
        var best = (from centre in Enumerable.Range(0, cells.Count)
                    from radius in Enumerable.Range(0, 3)
                    from span in Enumerable.Range(1, 5)
                    let disk = H3.GridDisk(cells[centre], radius).Select(c => ((List<CellId>)[.. cells]).IndexOf(c)).Where(i => i >= 0).ToArray()
                    let inside = disk.SelectMany(c => Enumerable.Range(40 - span, span).Select(d => c * 40 + d)).ToArray()
                    let ratio = ScanLikelihood.Ratio(inside.Sum(i => cases[i]), inside.Sum(i => expected[i]) * scale, cases.Sum())
                    orderby ratio descending
                    select (Centre: cells[centre], Radius: radius, Span: span, Ratio: ratio)).First();
        Assert.Equal((best.Centre, best.Radius, best.Span), (cluster.Centre, cluster.Radius, cluster.Periods));
        Assert.Equal(best.Ratio, cluster.LogLikelihoodRatio, 1e-3);
    }

    [Fact]
    public void Data_that_do_not_fit_are_refused_by_name()
    {
        var scan = new SpaceTimeScan(new ScanZones(cells, 1), 7);
        Assert.Contains("271 cells by 7 periods", Assert.Throws<ArgumentException>(() => scan.Run(new int[271 * 6], new double[271 * 6], ScanModel.Poisson, 9, 1)).Message, StringComparison.Ordinal);
        Assert.Contains("nothing was expected", Assert.Throws<ArgumentException>(() => scan.Run([.. Enumerable.Repeat(1, 271 * 7)], new double[271 * 7], ScanModel.Poisson, 9, 1)).Message, StringComparison.Ordinal);
        Assert.Contains("cannot be expected", Assert.Throws<ArgumentException>(() => scan.Run([.. Enumerable.Repeat(1, 271 * 7)], [.. Enumerable.Repeat(double.NaN, 271 * 7)], ScanModel.Poisson, 9, 1)).Message, StringComparison.Ordinal);
        Assert.Empty(scan.Run(new int[271 * 7], [.. Enumerable.Repeat(1.0, 271 * 7)], ScanModel.Poisson, 9, 1));
    }

    /// <summary>40 days of cases, some cells busier than others.</summary>
    private static (int[] Cases, double[] Expected) Draw(ulong seed)
    {
        var rng = new Rng(seed);
        double[] expected = [.. Enumerable.Range(0, cells.Count).SelectMany(c => Enumerable.Repeat(0.2 + 0.8 * (c % 5) / 5, 40))];
        return ([.. expected.Select(e => Draws.Poisson(e, rng))], expected);
    }
}
