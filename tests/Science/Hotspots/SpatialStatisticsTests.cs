using CitySafeSense.Hotspots;
using CitySafeSense.Numerics;

namespace CitySafeSense.Science.Hotspots;

/// <summary>Published values of spatial statistics: PySAL's esda on six points, Cliff and Ord's lattice, and a hexagonal patch worked out by the formula.</summary>
public class SpatialStatisticsTests
{
    private static readonly double[] six = [2, 3, 3.2, 5, 8, 7];
    private static readonly SpatialWeights nearby = SpatialWeights.WithinDistance([(10, 10), (20, 10), (40, 10), (15, 20), (30, 20), (30, 30)], 15);

    [Fact]
    public void Local_G_of_six_points() =>
        AreNear([-1.0136729, -0.04361589, 1.31558703, -0.31412676, 1.15373986, 1.77833941], GetisOrd.Local(six, nearby));

    [Fact]
    public void Local_G_star_of_six_points() =>
        AreNear([-1.39727626, -0.28917762, 0.65064964, -0.28917762, 1.23452088, 2.02424331], GetisOrd.LocalStar(six, nearby));

    [Fact]
    public void Global_G_of_six_points() => Assert.Equal(0.55709779, GetisOrd.Global(six, nearby), 5e-9);

    [Fact]
    public void Local_G_star_of_a_hexagonal_patch_is_high_in_its_centre()
    {
        var patch = H3.GridDisk(H3.LatLngToCell(new(-23.5505, -46.6333), 9), 2);
        double[] values = [.. patch.Select((_, i) => i < 7 ? 10.0 : 2)];
        var z = GetisOrd.LocalStar(values, SpatialWeights.WithinSteps(patch, 1));
        Assert.Equal(4.2426407, z[0], 5e-8);
        Assert.All(z[1..7], v => Assert.Equal(1.3637059, v, 5e-8));
        Assert.Equal([-0.5378529, 0.1659850], z[7..].Select(v => Math.Round(v, 7)).Distinct().Order()); // corners and middles of the sides
        Assert.Equal((6, 6), (z[7..].Count(v => v < 0), z[7..].Count(v => v > 0)));
    }

    [Fact]
    public void Values_all_the_same_are_nowhere_out_of_the_ordinary() =>
        Assert.All([.. GetisOrd.Local([5, 5, 5, 5, 5, 5], nearby), .. GetisOrd.LocalStar([5, 5, 5, 5, 5, 5], nearby)], z => Assert.Equal(0, z, 1e-6));

    [Fact]
    public void Moran_of_nine_squares()
    {
        var moran = Moran.Global([1, 2, 3, 4, 5, 6, 7, 8, 9], SpatialWeights.Rook(3, 3));
        Assert.Equal((0.5, -0.125), (moran.I, moran.Expected));
        Assert.Equal(0.053125, moran.VarianceNormal, 1e-12);
        Assert.Equal(0.0596875, moran.VarianceRandom, 1e-12);
        Assert.Equal(2.7116307, moran.Z, 5e-8);
    }

    [Fact]
    public void Local_Moran_sums_to_the_global_one_and_finds_the_corner_that_is_alike()
    {
        double[] values = [9, 9, 1, 2, 9, 8, 2, 1, 1, 2, 1, 2, 2, 1, 2, 1];
        var weights = SpatialWeights.Rook(4, 4).RowStandardised();
        var (local, p) = Moran.Local(values, weights, 999, new Rng(1));
        Assert.Equal(Moran.Global(values, weights).I, local.Sum() / weights.Total, 1e-12);
        Assert.True(p[0] < 0.05 && local[0] > 1);
        Assert.Equal(p, Moran.Local(values, weights, 999, new Rng(1)).P);
    }

    [Fact]
    public void Of_many_tests_those_are_believed_of_which_few_are_wrong()
    {
        double[] p = [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216]; // Benjamini and Hochberg's procedure by hand
        Assert.Equal([true, true, false, false, false, false, false, false, false, false], FalseDiscovery.Believed(p, 0.05));
        Assert.Equal(7, FalseDiscovery.Believed(p, 0.11).Count(b => b));
        Assert.Empty(FalseDiscovery.Believed([], 0.05));
        // Where nothing is there, hardly ever is anything believed.
        var rng = new Rng(3);
        Assert.InRange(Enumerable.Range(0, 2000).Count(_ => FalseDiscovery.Believed([.. Enumerable.Range(0, 50).Select(_ => rng.NextDouble())], 0.05).Contains(true)), 60, 140);
    }

    private static void AreNear(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], 6e-9);
    }
}
