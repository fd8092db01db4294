using CitySafeSense.Contracts;
using CitySafeSense.Grains;
using CitySafeSense.Hotspots;
using CitySafeSense.Sensing;

namespace CitySafeSense.Tests.City;

public class RegionReleaseTests
{
    /// <summary>A region may have bins from before cells counted what cameras notice.</summary>
    [Fact]
    public void Bins_of_fewer_classes_are_released_beside_those_of_all()
    {
        string[] cells = [.. H3.GridDisk(H3.LatLngToCell(new(-23.5505, -46.6333), 9), 1).Take(2).Select(c => c.ToString())];
        var (released, _) = RegionRelease.OfBin(0, [(cells[0], Bin(ActivityClasses.Count)), (cells[1], Bin(ActivityClasses.Counted))], 10);
        Assert.Equal(2, released.Cells.Length);
        Assert.Equal([0, 12], released.Cells.Select(c => c.Windows[(int)ActivityClass.UnusualScene]).Order());
        Assert.All(released.Cells, c => Assert.Equal((12, ActivityClasses.Counted), (c.Windows[0], c.Windows.Length)));
    }

    private static CellBin Bin(int classes) => new(0, [.. Enumerable.Repeat(12, classes)], 0, 0, 12, 12, [], [], 0, 0, 0, 0, [.. Enumerable.Range(1, 12).Select(p => (ulong)p)]);
}
