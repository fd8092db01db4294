using CitySafeSense.Hotspots;
using CitySafeSense.Numerics;

namespace CitySafeSense.Science.Hotspots;

public class FlowMonitorTests
{
    private const int BinsPerDay = 288, WarmUpDays = 21;
    private static readonly IReadOnlyList<CellId> cells = H3.GridDisk(H3.LatLngToCell(new(-23.5505, -46.6333), 9), 5); // 91

    [Theory]
    [InlineData(3, 2, 1)]
    [InlineData(25, 10, 1.5)]
    [InlineData(0, 4, 2)]
    public void Tail_of_counts_is_the_sum_of_what_is_left_of_their_distribution(int count, double mean, double dispersion)
    {
        // The distribution by its own recurrence from zero: Panjer's (a, b, 0).
        var (r, q) = dispersion > 1 ? (mean / (dispersion - 1), (dispersion - 1) / dispersion) : (0, 0);
        var (p, below, first, second) = (dispersion > 1 ? Math.Pow(dispersion, -r) : Math.Exp(-mean), 0.0, 0.0, 0.0);
        for (var k = 0; k < 400; k++)
        {
            if (k < count) below += p;
            (first, second) = (first + k * p, second + (double)k * k * p);
            p *= dispersion > 1 ? (k + r) / (k + 1) * q : mean / (k + 1);
        }
        Assert.Equal((mean, dispersion * mean), (Math.Round(first, 9), Math.Round(second - first * first, 9)));
        Assert.Equal(1 - below, CountTail.AtLeast(count, mean, dispersion), 1e-9);
    }

    [Fact]
    public void Rare_counts_are_less_out_of_the_ordinary_than_their_deviations_say()
    {
        Assert.Equal(0, CountTail.Z(10, 10, 1.5));
        Assert.InRange(CountTail.Z(9, 0.35, 1.5), 4, 4.5); // eleven deviations
        Assert.InRange(CountTail.Z(1129, 1000, 1), 3.9, 4.05); // four
        Assert.True(CountTail.Z(1e6, 1, 1.5) < 40);
    }

    [Fact]
    public void A_baseline_knows_the_week_keeps_its_market_day_and_is_not_moved_far_by_one_day()
    {
        var (baseline, rng) = (new FlowBaseline(), new Rng(1));
        double Usual(int hour) => 20 + 15 * Math.Sin(Math.Tau * (hour % 24) / 24) + (hour is >= 56 and < 60 ? 40 : 0); // Wednesday, 8 to 12
        for (var week = 0; week < 8; week++)
            for (var hour = 0; hour < FlowBaseline.Hours; hour++) baseline.Learn(hour, Usual(hour) * (1 + 0.03 * rng.Gaussian()));
        foreach (var hour in new[] { 6, 30, 54, 58, 150 }) Assert.InRange(baseline.Expected(60 * hour + 30), 0.93 * Usual(hour), 1.07 * Usual(hour));
        Assert.InRange(baseline.Expected(6 * 60), (Usual(5) + Usual(6)) / 2 - 1, (Usual(5) + Usual(6)) / 2 + 1); // between two hours
        var before = baseline.Expected(60 * 6 + 30);
        baseline.Learn(6, 500);
        Assert.InRange(baseline.Expected(60 * 6 + 30) / before, 1, 1.07);
    }

    [Fact]
    public void What_is_out_of_the_ordinary_in_one_cell_is_found_with_how_much_and_since_when()
    {
        var (monitor, rng) = WarmedUp();
        for (var bin = 0; bin < 4; bin++)
        {
            var counts = Counts(rng);
            counts[30] += 30;
            monitor.Observe(counts, detects: true);
        }
        var scores = monitor.Scores(FlowDetector.Combined).ToArray();
        Assert.Equal(30, Array.IndexOf(scores, scores.Max()));
        var why = monitor.Explain(30);
        Assert.True(scores[30] > 5 && why.Bins == 4 && why.Observed > why.Expected + 100, why.ToString());
        Assert.InRange(why.Expected, 60, 100);
        Assert.True(scores.Where((_, i) => i != 30).Max() < 4.5);
    }

    [Theory]
    [InlineData(0.6)]
    [InlineData(1.7)]
    public void What_the_whole_city_sees_is_weather(double factor)
    {
        var (monitor, rng) = WarmedUp();
        for (var bin = 0; bin < 12; bin++) monitor.Observe(Counts(rng, factor), detects: true);
        Assert.True(monitor.Scores(FlowDetector.Combined).ToArray().Max() < 5);
        if (factor > 1) Assert.True(monitor.Scores(FlowDetector.Window).ToArray().Max() > 5.5); // who looks at one cell alone is alarmed
    }

    [Fact]
    public void What_the_neighbours_see_too_counts_less()
    {
        var (monitor, rng) = WarmedUp();
        var around = H3.GridDisk(cells[0], 3).Select(c => ((List<CellId>)[.. cells]).IndexOf(c)).ToHashSet();
        for (var bin = 0; bin < 6; bin++)
        {
            var counts = Counts(rng);
            foreach (var cell in around) counts[cell] += 20;
            monitor.Observe(counts, detects: true);
        }
        Assert.True(monitor.Scores(FlowDetector.Window)[0] > 6 && monitor.Scores(FlowDetector.Combined)[0] < 3);
    }

    [Fact]
    public void What_is_not_known_is_never_out_of_the_ordinary()
    {
        var (monitor, rng) = WarmedUp();
        for (var bin = 0; bin < 12; bin++) monitor.Observe([.. Counts(rng).Select((c, i) => i % 2 == 0 ? -1 : c)], detects: true);
        Assert.All(monitor.Scores(FlowDetector.Combined).ToArray().Where((_, i) => i % 2 == 0), s => Assert.True(s < 1));
        Assert.All(monitor.Scores(FlowDetector.Combined).ToArray(), s => Assert.True(s < 5));
    }

    private static (FlowMonitor Monitor, Rng Rng) WarmedUp()
    {
        var (monitor, rng) = (new FlowMonitor(cells), new Rng(9));
        for (var bin = 0; bin < WarmUpDays * BinsPerDay; bin++) monitor.Observe(Counts(rng), detects: false);
        for (var bin = 0; bin < 12; bin++) monitor.Observe(Counts(rng), detects: true);
        return (monitor, rng);
    }

    /// <summary>Some twenty people in every cell at all hours.</summary>
    private static int[] Counts(Rng rng, double factor = 1) => [.. Enumerable.Range(0, cells.Count).Select(_ => (int)Math.Max(0, Math.Round(rng.Gaussian(20 * factor, Math.Sqrt(30 * factor)))))];
}
