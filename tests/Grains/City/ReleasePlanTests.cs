using CitySafeSense.City;
using CitySafeSense.Numerics;
using CitySafeSense.Privacy;

namespace CitySafeSense.Tests.City;

public class ReleasePlanTests
{
    /// <summary>A week of a whole fleet, drawn device by device and released by the mechanism itself.</summary>
    [Theory]
    [InlineData(24, 60_000)]
    [InlineData(168, 20_000)]
    public void Share_that_is_seen_is_as_forecast(int slots, int devices)
    {
        var (city, release, rng) = (new FlowCity(200, 7, 1, 0, 1), GaussianRelease.Default with { Slots = slots }, new Rng(7));
        var noise = new Noise(new SeededBytes(new Rng(8)));
        var forecast = ReleasePlan.For(city, release, 10, devices);
        var places = city.Cells.Select((c, i) => (c, i)).GroupBy(c => c.c.Parent(8)).Select(g => g.Select(c => c.i).ToArray()).ToArray();
        var (seen, all, squares, shown) = (0, 0, 0.0, 0);
        for (var hour = 0; hour < 168; hour += 5)
        {
            double[] weights = [.. places.Select(cells => cells.Sum(c => city.Usual(c, hour * 12)))];
            var (counted, there, total) = (new int[places.Length], new int[places.Length], weights.Sum());
            for (var device = 0; device < devices; device++)
            {
                var (at, place) = (rng.NextDouble() * total, 0);
                for (; place < places.Length - 1 && at >= weights[place]; place++) at -= weights[place];
                there[place]++;
                if (rng.NextInt(168) < slots) counted[place]++;
            }
            for (var place = 0; place < places.Length; place++, all++)
            {
                if (release.Release(counted[place], 10, noise) is not { } value) continue;
                seen++;
                (squares, shown) = (squares + Math.Pow(value * release.Scale - there[place], 2), shown + 1);
            }
        }
        Assert.Equal(forecast.VisibleSlots, seen / (double)all, 0.04);
        Assert.InRange(forecast.VisibleSlots, 0.05, 0.95);
        Assert.InRange(Math.Sqrt(squares / shown), 0.7 * forecast.Error, 2 * forecast.Error); // the forecast is of places just large enough; larger ones vary more
    }
}
