using System.Globalization;
using CitySafeSense.Hotspots;

namespace CitySafeSense.Science.Hotspots;

public class H3Tests
{
    private static readonly LatLng Se = new(-23.5505, -46.6333);

    [Theory]
    [InlineData(7, "87a8100c0ffffff")]
    [InlineData(8, "88a8100c03fffff")]
    [InlineData(9, "89a8100c02fffff")]
    [InlineData(10, "8aa8100c028ffff")]
    public void Se_square_has_its_published_cells(int resolution, string cell) => Assert.Equal(cell, H3.LatLngToCell(Se, resolution).ToString());

    [Fact]
    public void Paulista_lies_eight_steps_from_se()
    {
        var paulista = H3.LatLngToCell(new(-23.5614, -46.6558), 9);
        Assert.Equal("89a8100c523ffff", paulista.ToString());
        var se = H3.LatLngToCell(Se, 9);
        Assert.Contains(paulista, H3.GridDisk(se, 8));
        Assert.DoesNotContain(paulista, H3.GridDisk(se, 7));
    }

    [Fact]
    public void Cells_centres_and_disks_agree_with_recorded_ones_at_every_resolution()
    {
        var (points, disks) = (0, 0);
        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Golden", "h3-vectors.txt")).Where(l => !l.StartsWith('#')))
        {
            var fields = line.Split(' ');
            double Number(int i) => double.Parse(fields[i], CultureInfo.InvariantCulture);
            Assert.Equal(fields[3], H3.LatLngToCell(new(Number(0), Number(1)), int.Parse(fields[2], CultureInfo.InvariantCulture)).ToString());
            Assert.True(CellId.TryParse(fields[3], out var cell));
            var centre = H3.CellToLatLng(cell);
            Assert.Equal(Number(4), centre.LatitudeDegrees, 1e-9);
            Assert.Equal(0, Math.IEEERemainder(Number(5) - centre.LongitudeDegrees, 360) * Math.Cos(double.DegreesToRadians(Number(4))), 1e-9);
            points++;
            if (fields.Length < 7 || fields[6].Length == 0) continue;
            Assert.Equal(fields[6], string.Join(',', H3.GridDisk(cell, 1).Select(c => c.ToString()).Order(StringComparer.Ordinal)));
            disks++;
        }
        Assert.Equal((420, true), (points, disks > 300));
    }

    [Fact]
    public void Parent_contains_the_centre_of_its_child_and_is_reached_step_by_step()
    {
        var cell = H3.LatLngToCell(Se, 15);
        for (var r = 14; r >= 0; r--) Assert.Equal(cell.Parent(r), cell.Parent(r + 1).Parent(r));
        Assert.Equal(H3.LatLngToCell(Se, 5), cell.Parent(5));
        Assert.Throws<ArgumentOutOfRangeException>(() => cell.Parent(5).Parent(6));
    }

    [Fact]
    public void Disk_has_one_plus_three_k_times_k_plus_one_cells()
    {
        var se = H3.LatLngToCell(Se, 9);
        for (var k = 0; k < 12; k++) Assert.Equal(1 + 3 * k * (k + 1), H3.GridDisk(se, k).Count);
    }

    [Fact]
    public void Disk_around_a_pentagon_has_five_cells_a_ring_more()
    {
        Assert.True(CellId.TryParse("89080000003ffff", out var pentagon)); // base cell 4, all digits zero
        Assert.Equal([1, 6, 16, 31], Enumerable.Range(0, 4).Select(k => H3.GridDisk(pentagon, k).Count));
        Assert.Equal(pentagon, H3.LatLngToCell(H3.CellToLatLng(pentagon), 9));
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("89a8100c02ffff0")]
    [InlineData("ffffffffffffffff")]
    [InlineData("09a8100c02fffff")]
    [InlineData("8ff4000000000000")]
    public void What_is_no_cell_is_not_parsed(string text) => Assert.False(CellId.TryParse(text, out _));

    [Fact]
    public void Positions_that_are_not_on_earth_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => H3.LatLngToCell(new(double.NaN, 0), 9));
        Assert.Throws<ArgumentOutOfRangeException>(() => H3.LatLngToCell(new(91, 0), 9));
        Assert.Throws<ArgumentOutOfRangeException>(() => H3.LatLngToCell(Se, 16));
    }
}
