using CitySafeSense.Hotspots;

namespace CitySafeSense.Science.Hotspots;

public class StayTests
{
    private static readonly CellId Se = H3.LatLngToCell(new(-23.5505, -46.6333), 9);

    [Fact]
    public void Crossing_has_two_sides_and_a_stay()
    {
        var beside = H3.Neighbours(Se)[4];
        var (first, none) = Stay.Next(null, Se, 1000);
        Assert.Null(none);
        var (still, stays) = Stay.Next(first, Se, 1100);
        Assert.Null(stays);
        var (moved, crossing) = Stay.Next(still, beside, 1160);
        Assert.Equal(new Crossing(Se, beside, 160), crossing);
        Assert.Equal((4, new Stay(beside, 1160, 1160)), (Side.Of(Se, beside), moved));
        Assert.Equal(Se, H3.Neighbours(beside)[Side.Of(beside, Se)]);
        Assert.Equal(Side.Beyond, Side.Of(Se, H3.GridDisk(Se, 3)[^1]));
    }

    [Fact]
    public void What_comes_late_and_what_comes_after_long_silence_is_no_crossing()
    {
        var (first, beside) = (Stay.Next(null, Se, 1000).Now, H3.Neighbours(Se)[0]);
        Assert.Equal((first, null), Stay.Next(first, beside, 999));
        Assert.Null(Stay.Next(first, beside, 1000 + Stay.SilenceSeconds + 1).Crossing);
        Assert.NotNull(Stay.Next(first, beside, 1000 + Stay.SilenceSeconds).Crossing);
    }
}
