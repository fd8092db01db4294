using System.Text;
using CitySafeSense.Geo;
using CitySafeSense.Hotspots;

namespace CitySafeSense.Tests.Geo;

public class GeoJsonTests
{
    [Theory]
    [InlineData("feature-without-geometry", 172)]
    [InlineData("null-geometry", 172)]
    [InlineData("bom-crlf", 172)]
    [InlineData("empty-multipolygon", 172)]
    [InlineData("antimeridian-unsplit", 288)] // as many as of the same district cut in two
    [InlineData("antimeridian-split-control", 288)]
    public void Areas_as_people_have_them_have_their_cells(string file, int cells)
    {
        using var stream = CaseFile.Open($"areas/{file}.geojson");
        Assert.Equal(cells, GeoJson.ReadArea(stream, "area.geojson").Cells(9).Count);
    }

    [Theory]
    [InlineData("trailing-comma", "area.geojson, line 1, byte 223 is not the GeoJSON that is needed")]
    [InlineData("utm-crs", "its coordinates are in urn:ogc:def:crs:EPSG::31983")]
    [InlineData("topojson", "this is TopoJSON")]
    [InlineData("linestring-city", "no polygon in it; an outline is a Polygon or a MultiPolygon")]
    [InlineData("strings", "is not the GeoJSON that is needed")]
    public void What_is_no_area_is_said_in_one_line(string file, string says)
    {
        using var stream = CaseFile.Open($"areas/{file}.geojson");
        var message = Assert.Throws<FormatException>(() => GeoJson.ReadArea(stream, "area.geojson")).Message;
        Assert.Contains(says, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Theory]
    [InlineData("{", "not the GeoJSON")]
    [InlineData("[]", "no polygon")]
    [InlineData("{\"type\":\"Point\",\"coordinates\":[0,0]}", "no polygon")]
    [InlineData("{\"type\":\"Polygon\",\"coordinates\":[[[0]]]}", "not the GeoJSON")]
    [InlineData("{\"type\":\"Polygon\",\"coordinates\":[]}", "no polygon")]
    [InlineData("{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,1]]]}", "not the GeoJSON")]
    [InlineData("{\"type\":\"FeatureCollection\",\"features\":{}}", "\"features\" of a FeatureCollection is no array")]
    [InlineData("{\"type\":\"Polygon\",\"coordinates\":[[[330600,7392300],[334700,7392300],[334700,7396800],[330600,7392300]]]}", "are these metres")]
    [InlineData("{\"type\":\"Polygon\",\"coordinates\":[[[0,-80],[90,-80],[180,-80],[-90,-80],[0,-80]]]}", "a ring goes around a pole")]
    public void What_is_wrong_is_refused_by_name(string json, string message) => Assert.Contains(message, Assert.Throws<FormatException>(() => Read(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void State_is_refused_with_the_number_of_its_cells_and_a_resolution_that_would_do()
    {
        using var stream = CaseFile.Open("areas/state-at-r9.geojson");
        var area = GeoJson.ReadArea(stream, "area.geojson");
        var message = Assert.Throws<ArgumentException>(() => area.Cells(9)).Message;
        Assert.Equal("area.geojson has about 1,301,383 cells of resolution 9, more than 250,000: choose resolution 8 or less, or a smaller area", message);
        Assert.InRange(area.Cells(6).Count, 0.9 * 1_301_383 / 343, 1.1 * 1_301_383 / 343);
    }

    [Fact]
    public void Exchanged_coordinates_are_noticed()
    {
        using var stream = CaseFile.Open("areas/swapped-latlon.geojson");
        var (area, inSaoPaulo) = (GeoJson.ReadArea(stream, "area.geojson"), new LatLng(-23.55, -46.64));
        Assert.Equal((false, true), (area.Contains(inSaoPaulo), area.ContainsExchanged(inSaoPaulo)));
    }

    [Fact]
    public void Longitudes_beyond_180_are_the_same_places()
    {
        const string Ring = "[[{0},-17],[{1},-17],[{1},-16],[{0},-16],[{0},-17]]";
        var (beyond, within) = (Square(Ring, 179, 182), Square(Ring, -181, -178));
        Assert.Equal(beyond.Cells(6), within.Cells(6));
        foreach (var area in new[] { beyond, within })
            Assert.Equal([true, true, true, false, false], new[] { 179.5, 180, -179, -177.5, 178.5 }.Select(x => area.Contains(new(-16.5, x))));
    }

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

    private static Area Square(string ring, double west, double east) => Read($$"""{"type":"Polygon","coordinates":[{{string.Format(System.Globalization.CultureInfo.InvariantCulture, ring, west, east)}}]}""");

    private static Area Read(string json) => GeoJson.ReadArea(new MemoryStream(Encoding.UTF8.GetBytes(json)), "area.geojson");
}
