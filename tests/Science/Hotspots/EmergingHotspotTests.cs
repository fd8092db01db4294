using CitySafeSense.Hotspots;

namespace CitySafeSense.Science.Hotspots;

public class EmergingHotspotTests
{
    [Theory]
    [InlineData("0000000000", EmergingClass.None)]
    [InlineData("000000000+", EmergingClass.New)]
    [InlineData("0000000+++", EmergingClass.Consecutive)]
    [InlineData("00+00+00++", EmergingClass.Sporadic)]
    [InlineData("0-+00000++", EmergingClass.Oscillating)]
    [InlineData("+++++++++0", EmergingClass.Historical)]
    [InlineData("++0+++++++", EmergingClass.Persistent)]
    [InlineData("00+++++000", EmergingClass.None)]
    [InlineData("----------", EmergingClass.None)]
    public void History_has_a_class(string history, EmergingClass expected) => Assert.Equal(expected, Classify(history, _ => 3));

    [Fact]
    public void Trend_tells_the_persistent_apart()
    {
        Assert.Equal(EmergingClass.Intensifying, Classify("++++++++++", step => 2 + 0.3f * step));
        Assert.Equal(EmergingClass.Diminishing, Classify("++++++++++", step => 6 - 0.3f * step));
        Assert.Throws<ArgumentException>(() => EmergingHotspot.Classify([1f], []));
    }

    private static EmergingClass Classify(string history, Func<int, float> z) =>
        EmergingHotspot.Classify([.. history.Select((c, i) => c == '+' ? z(i) : 0)], [.. history.Select(c => (sbyte)(c == '+' ? 1 : c == '-' ? -1 : 0))]);
}
