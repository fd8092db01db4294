using CitySafeSense.Hotspots;
using CitySafeSense.Numerics;

namespace CitySafeSense.Science.Hotspots;

public class HotspotWatchTests
{
    private const int BinSeconds = 300, Week = 7 * 288, Shown = 10;

    /// <summary>A Monday.</summary>
    private const long Start = 1_772_409_600;

    private static readonly CellId[] cells = [.. H3.GridDisk(H3.LatLngToCell(new(-23.5505, -46.6333), 9), 2)];

    [Fact]
    public void Crowd_has_its_cell_its_numbers_and_its_beginning()
    {
        var (watch, rng) = Grown(weeks: 3);
        for (var bin = 0; bin < 4; bin++) Next(watch, rng, i => i == 7 ? 80 : 30);
        var first = watch.Anomalies()[0];
        Assert.Equal((cells[7], AnomalyKind.Crowd), (first.Cell, first.Kind));
        Assert.InRange(first.Score, 8, 100);
        Assert.Equal(watch.NextUnixSeconds - 4 * BinSeconds, first.SinceUnixSeconds);
        Assert.InRange(first.Observed, 280, 360);
        Assert.InRange(first.Expected, 100, 160);
    }

    [Fact]
    public void Silence_of_a_full_place_is_out_of_the_ordinary_and_of_an_empty_one_it_is_not()
    {
        var (watch, rng) = Grown(weeks: 3, mean: i => i == 3 ? 9 : 30);
        for (var bin = 0; bin < 3; bin++) Next(watch, rng, i => i is 3 or 7 ? 0 : 30);
        var first = watch.Anomalies()[0];
        Assert.Equal((cells[7], AnomalyKind.Silence, watch.NextUnixSeconds - 3 * BinSeconds), (first.Cell, first.Kind, first.SinceUnixSeconds));
        Assert.InRange(first.Score, 5, 30);
        Assert.DoesNotContain(watch.Anomalies(), a => a.Cell == cells[3] && a.Kind == AnomalyKind.Silence && a.Score > 3);
    }

    [Fact]
    public void City_of_which_nothing_comes_at_all_is_not_silent()
    {
        var (watch, _) = Grown(weeks: 3);
        for (var bin = 0; bin < 3; bin++) watch.Take(watch.NextUnixSeconds, []);
        Assert.DoesNotContain(watch.Anomalies(), a => a.Kind == AnomalyKind.Silence);
        watch.Take(watch.NextUnixSeconds + 86_400, []); // nor after a day without anything
        Assert.DoesNotContain(watch.Anomalies(), a => a.Score > 3);
    }

    [Fact]
    public void Nothing_is_judged_in_the_first_week_but_harm()
    {
        var (watch, rng) = Grown(weeks: 0);
        for (var bin = 0; bin < 300; bin++) Next(watch, rng, i => i == 7 && bin > 280 ? 300 : 30);
        Assert.Empty(watch.Anomalies());
        watch.Take(watch.NextUnixSeconds, [new(cells[4], 30, 25, 3, 11)]);
        watch.Take(watch.NextUnixSeconds, [new(cells[4], 30, 27, 3, 12)]);
        var only = Assert.Single(watch.Anomalies());
        Assert.Equal((cells[4], AnomalyKind.Incidents, 12, 27, 3, watch.NextUnixSeconds - 2 * BinSeconds), (only.Cell, only.Kind, only.Score, only.Observed, only.Expected, only.SinceUnixSeconds));
    }

    [Fact]
    public void Restart_changes_nothing()
    {
        var (whole, rng) = Grown(weeks: 2);
        var (broken, again) = (HotspotWatch.Decode(whole.Encode(), BinSeconds, Shown), Rng.For(5, "after"));
        rng = Rng.For(5, "after");
        for (var bin = 0; bin < 30; bin++)
        {
            Next(whole, rng, i => i == 2 ? 60 : 30);
            Next(broken, again, i => i == 2 ? 60 : 30);
            broken = HotspotWatch.Decode(broken.Encode(), BinSeconds, Shown);
        }
        Assert.Equal(whole.Encode(), broken.Encode());
        Assert.Equal(whole.Anomalies()[0], broken.Anomalies()[0]);
        Assert.Throws<FormatException>(() => HotspotWatch.Decode(new byte[] { 1, 0, 0 }, BinSeconds, Shown));
        Assert.Throws<ArgumentException>(() => whole.Take(whole.NextUnixSeconds - BinSeconds, []));
        Assert.Throws<ArgumentException>(() => new HotspotWatch(45, Shown, 0));
    }

    /// <summary>A district that has had half as many people again for six hours: no cell by itself is far out, together they are.</summary>
    [Fact]
    public void Scan_finds_a_district()
    {
        var (watch, rng) = Grown(weeks: 3);
        CellId[] district = [.. H3.GridDisk(cells[0], 1)];
        for (var bin = 0; bin < 72; bin++) Next(watch, rng, i => district.Contains(cells[i]) ? 36 : 30);
        var best = watch.Scan(radius: 3, replications: 199, seed: 1, clustersMax: 3)()[0];
        Assert.Equal((1, 0.005), (best.Radius, best.P));
        Assert.Equal(cells[0], best.Centre);
        Assert.InRange(best.Periods, 5, 7);
    }

    [Fact]
    public void Young_cell_leans_on_its_neighbours_week()
    {
        var rng = new Rng(4);
        var monitor = new FlowMonitor(cells);
        // The newcomer is watched from the second week on; in its first there, at one hour, nobody was.
        for (var bin = 0; bin < 2 * Week; bin++)
        {
            int[] counts = [.. cells.Select((_, i) => i == 0 && bin < Week ? -1 : i == 0 && bin / 12 % 168 == 40 ? 26 : Draws.Poisson(30, rng))];
            monitor.Observe(counts, detects: true);
        }
        var at = 2 * Week + 40 * 12 + 6;
        while (monitor.NextBin < at) monitor.Observe([.. cells.Select(_ => Draws.Poisson(30, rng))], detects: true);
        monitor.Observe([.. cells.Select(_ => 30)], detects: true);
        Assert.InRange(monitor.Explain(0).Expected / monitor.Explain(0).Bins, 27, 31); // chance explains 26, and the neighbours' week says 30
    }

    private static (HotspotWatch Watch, Rng Rng) Grown(int weeks, Func<int, int>? mean = null)
    {
        var (watch, rng) = (new HotspotWatch(BinSeconds, Shown, Start), Rng.For(5, "watch"));
        for (var bin = 0; bin < weeks * Week; bin++) Next(watch, rng, mean ?? (_ => 30));
        return (watch, rng);
    }

    private static void Next(HotspotWatch watch, Rng rng, Func<int, int> mean) => watch.Take(
        watch.NextUnixSeconds, [.. cells.Select((c, i) => new ReleasedFlow(c, mean(i) == 0 ? 0 : Draws.Poisson(mean(i), rng), 0, 0, 0)).Where(f => f.People >= Shown)]);
}
