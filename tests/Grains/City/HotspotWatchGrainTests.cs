using CitySafeSense.Contracts;
using CitySafeSense.Hotspots;
using CitySafeSense.InProcess;
using Orleans;

namespace CitySafeSense.Tests.City;

/// <summary>From the ingest log over cells and regions to what is out of the ordinary, and to alarms.</summary>
public sealed class HotspotWatchGrainTests : IAsyncLifetime
{
    private const int BinSeconds = 3600, Hours = 168;

    /// <summary>Monday, 2026-03-02.</summary>
    private const long Start = 1_772_409_600;

    private static readonly CellId[] cells = [.. H3.GridDisk(H3.LatLngToCell(new(-23.5505, -46.6333), 9), 1)];
    private readonly InProcessCluster cluster = new(new CityOptions { Privacy = PrivacyMode.Simulation, BinSeconds = BinSeconds, LatenessSeconds = 60 }, 1, 1);
    private ulong people;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await cluster.DisposeAsync();

    [Fact]
    public async Task Crowd_opens_an_alarm_and_a_place_that_falls_silent_another()
    {
        for (var hour = 0; hour < Hours + 2; hour++) await Live(hour, Usual);
        var watch = cluster.Grains.GetGrain<IHotspotWatchGrain>("city");
        var alarms = cluster.Grains.GetGrain<IAlarmGrain>("alarms");
        Assert.Empty(await alarms.Recent(active: false, 10));
        Assert.Equal(cells.Length, (await watch.View()).WatchedCells);

        await Live(Hours + 2, i => i == 2 ? 60 : Usual(i));
        var first = (await watch.View()).Anomalies[0];
        Assert.Equal((cells[2].ToString(), "crowd", 60, Start + BinSeconds * (Hours + 2L)), (first.Cell, first.Kind, first.Observed, first.Since));
        var alarm = Assert.Single(await alarms.Recent(active: true, 10));
        Assert.Equal(("crowd", "open", cells[2].ToString()), (alarm.Rule, alarm.State, Assert.Single(alarm.Cells)));

        var seen = await alarms.Acknowledge(alarm.Number, "ana");
        Assert.Equal(("acknowledged", "ana"), (seen.State, seen.AcknowledgedBy));
        await Assert.ThrowsAsync<ArgumentException>(() => alarms.Acknowledge(alarm.Number, "bob"));
        var audit = (await cluster.Grains.GetGrain<IAuditGrain>("audit").Recent(1))[0];
        Assert.Equal(("acknowledge-alarm", $"alarm {alarm.Number} (crowd) by ana"), (audit.Action, audit.Detail));

        // The crowd is in what is looked at for six bins, and must be gone for three.
        for (var hour = Hours + 3; hour < Hours + 11; hour++) await Live(hour, i => i == 4 && hour > Hours + 6 ? 0 : Usual(i));
        Assert.Equal("cleared", (await alarms.Recent(active: false, 10)).Single(a => a.Rule == "crowd").State);
        var silence = (await alarms.Recent(active: true, 10)).Single();
        Assert.Equal(("silence", cells[4].ToString(), Start + BinSeconds * (Hours + 7L)), (silence.Rule, silence.Cells[0], silence.Since));
    }

    /// <summary>As after a day in which the watch's silo was away: it catches up, a few bins at a time.</summary>
    [Fact]
    public async Task Watch_that_comes_late_asks_for_a_few_bins_at_once_until_it_has_all()
    {
        for (var hour = 0; hour < 30; hour++) await Live(hour, Usual, watches: hour < 2);
        var region = cluster.Grains.GetGrain<IRegionGrain>(cells[0].Parent(5).ToString());
        var first = await region.Releases(Start + BinSeconds, null);
        Assert.Equal((Limits.ReleasedBinsPerAnswer, Start + BinSeconds * (Limits.ReleasedBinsPerAnswer + 1L)), (first.Bins.Length, first.Through));
        Assert.Equal(30, (await region.Releases(long.MinValue, cells[0].ToString())).Bins.Length);
        var watch = cluster.Grains.GetGrain<IHotspotWatchGrain>("city");
        for (var ask = 0; ask < 3; ask++) await watch.Advance();
        Assert.Equal(Start + BinSeconds * 29L, (await watch.View()).Through);
    }

    [Fact]
    public async Task Rules_that_are_not_in_order_are_refused_and_those_there_are_stay()
    {
        var alarms = cluster.Grains.GetGrain<IAlarmGrain>("alarms");
        var before = await alarms.Rules();
        await Assert.ThrowsAsync<ArgumentException>(() => alarms.Follow([before[0] with { Kinds = ["riot"] }], "ana"));
        await Assert.ThrowsAsync<ArgumentException>(() => alarms.Follow([before[0] with { Raise = -1 }], "ana"));
        Assert.Equal(before.Select(r => r.Name), (await alarms.Rules()).Select(r => r.Name));
        await alarms.Follow([before[0] with { Raise = 9 }], "ana");
        Assert.Equal(9, Assert.Single(await alarms.Rules()).Raise);
    }

    private static int Usual(int cell) => cell == 4 ? 40 : 14;

    /// <summary>An hour in which so many people are in each cell, each once.</summary>
    private async Task Live(int hour, Func<int, int> crowd, bool watches = true)
    {
        var (at, region) = (Start + (long)hour * BinSeconds, cluster.Grains.GetGrain<IRegionGrain>(cells[0].Parent(5).ToString()));
        var log = cluster.Grains.GetGrain<IIngestLogGrain>(0);
        var entries = ImmutableArray.CreateBuilder<LogEntry>();
        for (var i = 0; i < cells.Length; i++)
        {
            if (hour == 0) Assert.True(await region.Enlist(cells[i].ToString()));
            for (var p = 0; p < crowd(i); p++, people += Limits.Partitions) entries.Add(new(people, people, 1, 1, at + 10, cells[i].Value, 1, 0.9f, 0, 0, people, people));
        }
        cluster.Clock.Advance(DateTimeOffset.FromUnixTimeSeconds(at + 20));
        await log.Append(entries.ToImmutable());
        while (await log.Pending() > 0) await Task.Delay(2);
        cluster.Clock.Advance(DateTimeOffset.FromUnixTimeSeconds(at + BinSeconds + 61));
        await region.Advance();
        if (watches) await cluster.Grains.GetGrain<IHotspotWatchGrain>("city").Advance();
    }
}
