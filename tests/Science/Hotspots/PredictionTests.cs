using CitySafeSense.Hotspots;
using CitySafeSense.Numerics;

namespace CitySafeSense.Science.Hotspots;

public class PredictionTests
{
    private static readonly IReadOnlyList<CellId> cells = H3.GridDisk(H3.LatLngToCell(new(-23.5505, -46.6333), 9), 12);

    [Theory]
    [InlineData("year,date,lon,lat\n2011,2011-01-02,-46.5,-23.5\n2011,2011-01-03,,-23.5\n")]
    [InlineData("\uFEFF\"Latitude\";\"Longitude\";\"Timestamp\"\n-23.5;-46.5;2011-01-02T10:00:00Z\n;-46;2011-01-03\n")]
    public void Columns_are_found_by_name_and_rows_without_a_place_counted(string csv)
    {
        var (events, unplaced) = EventTable.Read(new StringReader(csv), "events.csv");
        Assert.Equal((new DatedPoint(new(-23.5, -46.5), new(2011, 1, 2)), 1), (Assert.Single(events), unplaced));
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("a,b\n", "no column for the latitude: it should be called lat")]
    [InlineData("lat,lon,date\n95,0,2011-01-01\n", "line 2: \"95\" is no number of degrees up to 90")]
    [InlineData("lat,lon,date\n5,0,2011-13-01\n", "line 2: \"2011-13-01\" does not begin with a date")]
    [InlineData("lat,lon,date\n5,0\n", "line 2: 2 cells in 3 columns")]
    public void What_is_wrong_with_a_table_is_said_with_its_line(string csv, string message) =>
        Assert.Contains(message, Assert.Throws<FormatException>(() => EventTable.Read(new StringReader(csv), "events.csv")).Message, StringComparison.Ordinal);

    [Fact]
    public void Cells_of_an_area_are_those_with_their_centre_in_it_and_not_in_its_hole()
    {
        const string Square = "[[-46.70,-23.60],[-46.60,-23.60],[-46.60,-23.50],[-46.70,-23.50],[-46.70,-23.60]]", Hole = "[[-46.66,-23.56],[-46.64,-23.56],[-46.64,-23.54],[-46.66,-23.54],[-46.66,-23.56]]";
        var area = Read($$$"""{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Polygon","coordinates":[{{{Square}}},{{{Hole}}}]}},{"type":"Feature","geometry":{"type":"Point","coordinates":[0,0]}}]}""");
        var found = area.Cells(9);
        // 0.01 square degrees less 0.0004 at this latitude are 108.6 km2; a cell of resolution 9 there has about 0.1 km2.
        Assert.InRange(found.Count, 900, 1150);
        var around = H3.GridDisk(H3.LatLngToCell(new(-23.55, -46.65), 9), 40);
        Assert.Equal(around.Where(c => area.Contains(H3.CellToLatLng(c))).Order(), found);
        Assert.DoesNotContain(H3.LatLngToCell(new(-23.55, -46.65), 9), found);
    }

    [Theory]
    [InlineData("{", "not the GeoJSON")]
    [InlineData("{\"type\":\"Point\",\"coordinates\":[0,0]}", "no polygon")]
    [InlineData("{\"type\":\"Polygon\",\"coordinates\":[[[0]]]}", "not the GeoJSON")]
    [InlineData("{\"type\":\"Polygon\",\"coordinates\":[]}", "no corner")]
    public void What_is_no_area_is_refused(string json, string message) => Assert.Contains(message, Assert.Throws<FormatException>(() => Read(json)).Message, StringComparison.Ordinal);

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

    private static Area Read(string json) => Area.FromGeoJson(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(json)), "area.geojson");
}
