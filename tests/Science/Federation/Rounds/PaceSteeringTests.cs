using CitySafeSense.Federation;

namespace CitySafeSense.Science.Federation;

public class PaceSteeringTests
{
    [Theory]
    [InlineData(1, 180)]
    [InlineData(18_000, 180)]
    [InlineData(200_000, 2000)]
    [InlineData(100_000_000, 21_600)]
    public void Coordinator_hears_a_steady_number_a_second_whatever_the_population(int population, double seconds)
    {
        var pauses = Enumerable.Range(0, 2000).Select(c => PaceSteering.Next(population, $"device-{c}").TotalSeconds).ToArray();
        Assert.Equal(seconds, pauses.Average(), 0.02 * seconds);
        Assert.All(pauses, p => Assert.InRange(p, 0.8 * seconds, 1.2 * seconds));
        Assert.True(pauses.Max() - pauses.Min() > 0.35 * seconds, "they do not come all at once");
        if (population is > 18_000 and < 1_000_000) Assert.Equal(PaceSteering.CheckInsPerSecond, population * pauses.Average(p => 1 / p), 3.0);
    }
}
