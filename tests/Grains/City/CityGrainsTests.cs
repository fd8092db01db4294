using CitySafeSense.Contracts;
using CitySafeSense.Contracts.Ports;
using CitySafeSense.EmbeddedOrleans;
using CitySafeSense.Grains;
using CitySafeSense.Hotspots;
using CitySafeSense.InProcess;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Storage;

namespace CitySafeSense.Tests.City;

/// <summary>From the ingest log to what a region shows.</summary>
public sealed class CityGrainsTests : IAsyncLifetime
{
    private static readonly CellId Se = H3.LatLngToCell(new(-23.5505, -46.6333), 9);
    private static readonly long Noon = new DateTimeOffset(2026, 3, 2, 12, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();

    private readonly InProcessCluster cluster = new(new CityOptions { Privacy = PrivacyMode.Simulation, BinSeconds = 300, LatenessSeconds = 60 }, 1, 1);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await cluster.DisposeAsync();

    [Fact]
    public async Task Entry_sent_again_is_a_duplicate_and_the_cell_counts_it_once()
    {
        var log = cluster.Grains.GetGrain<IIngestLogGrain>(3);
        LogEntry[] entries = [.. Enumerable.Range(0, 20).Select(i => Entry(Se, (ulong)i, 1))];
        Assert.All(await log.Append([.. entries]), v => Assert.Equal(AppendVerdict.Taken, v));
        Assert.All(await log.Append([.. entries]), v => Assert.Equal(AppendVerdict.Duplicate, v));
        await Settle(log);
        Assert.Equal(20, (await cluster.Grains.GetGrain<IHotspotCellGrain>(Se.ToString()).View()).Counted);
    }

    /// <summary>As when a silo dies whose activation of a partition had appended what this one has not seen.</summary>
    [Fact]
    public async Task Rows_that_another_activation_left_behind_reach_their_cell_when_the_partition_is_woken()
    {
        var partition = cluster.Grains.GetGrain<IIngestLogGrain>(4);
        await partition.Append([Entry(Se, 1, 1)]);
        await Settle(partition);
        var log = cluster.Services.GetRequiredService<IObservationLog>();
        await log.Append(4, 1, [new ObservationRow(1, Se.Value, new Contribution(Noon, null, 0, default, 9, true).Encode())], []);
        await partition.Resume();
        await Settle(partition);
        Assert.Equal(2, (await cluster.Grains.GetGrain<IHotspotCellGrain>(Se.ToString()).View()).Counted);
    }

    [Fact]
    public async Task Device_that_crosses_leaves_one_cell_and_enters_the_other()
    {
        var beside = H3.Neighbours(Se)[2];
        await Append(Entry(Se, 1, 7));
        await Append(Entry(beside, 2, 7) with { UnixSeconds = Noon + 40 });
        await Append(Entry(beside, 3, 7) with { UnixSeconds = Noon + 50 });
        var (left, entered) = (await View(Se), await View(beside));
        Assert.Equal((1, 30f), (left.Exits[2], left.MeanStaySeconds));
        Assert.Equal((1, 0, 2), (entered.Entries[Side.Of(beside, Se)], entered.Exits.Sum(), entered.Windows.Sum()));

        async Task<CellBin> View(CellId cell) => Assert.Single((await cluster.Grains.GetGrain<IHotspotCellGrain>(cell.ToString()).View()).Open);
    }

    /// <summary>Its day lay in the state of what it counts; it must lie in the history before that state is written anew.</summary>
    [Fact]
    public async Task Day_of_a_cell_of_version_1_outlives_the_first_write_of_a_later_one()
    {
        var (memory, id) = (new MemoryStorage(), cluster.Grains.GetGrain<IHotspotCellGrain>(Se.ToString()).GetGrainId());
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream))
        {
            writer.Write(1);
            foreach (var value in new[] { 2, 0, Noon - 300 }) writer.Write(value);
            foreach (var none in new[] { 0, 0, 0 }) writer.Write(none); // partitions, open bins, bins that wait
            writer.Write(1);
            writer.Write(Noon - 300);
            foreach (var count in new ushort[] { 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 2 }) writer.Write(count);
            foreach (var sum in new[] { 0f, 0f }) writer.Write(sum);
        }
        await memory.WriteStateAsync("cell", id, new Stored<CellState>(new CellState { Flow = stream.ToArray() }));
        var city = new CityOptions { Privacy = PrivacyMode.Simulation, BinSeconds = 300, LatenessSeconds = 60 };
        await using (var first = new InProcessCluster(city, 1, 1, memory: memory))
            await first.Grains.GetGrain<IHotspotCellGrain>(Se.ToString()).Apply(0, [new CellRow(0, [.. new Contribution(Noon, null, 0, default, 9, true).Encode()])]);
        await using var second = new InProcessCluster(city, 1, 1, memory: memory);
        var view = await second.Grains.GetGrain<IHotspotCellGrain>(Se.ToString()).View();
        Assert.Equal((3, Noon - 300, 2), (view.Counted, Assert.Single(view.Closed).StartUnixSeconds, view.Closed[0].Contributors));
    }

    /// <summary>Who has twenty devices is one contributor, and opens each slot once.</summary>
    [Fact]
    public async Task Devices_of_one_owner_count_as_one()
    {
        for (var device = 1UL; device <= 20; device++) await Append(Entry(Se, 1, device) with { OwnerKey = 900, Contributor = 5, Slot = 77 });
        var bin = Assert.Single((await cluster.Grains.GetGrain<IHotspotCellGrain>(Se.ToString()).View()).Open);
        Assert.Equal((20, 1, 1), (bin.Windows.Sum(), bin.Contributors, bin.SlotDevices));
    }

    [Fact]
    public async Task Push_repeated_to_a_cell_changes_nothing()
    {
        var cell = cluster.Grains.GetGrain<IHotspotCellGrain>(Se.ToString());
        ImmutableArray<CellRow> rows = [.. Enumerable.Range(0, 5).Select(i => new CellRow(i, [.. new Contribution(Noon, null, 0, default, (ulong)i, true).Encode()]))];
        await cell.Apply(2, rows);
        await cell.Apply(2, rows);
        await cell.Apply(5, rows); // another partition has offsets of its own
        Assert.Equal(10, (await cell.View()).Counted);
    }

    [Fact]
    public async Task Region_shows_a_cell_of_k_merges_small_neighbours_and_hides_the_rest()
    {
        var siblings = H3.GridDisk(Se, 1).Where(c => c.Parent(8) == Se.Parent(8)).ToArray();
        var far = H3.GridDisk(Se, 6)[^1];
        await Send(siblings[0], people: 12, from: 0);
        await Send(siblings[1], people: 6, from: 100);
        await Send(siblings[2], people: 6, from: 200);
        await Send(far, people: 9, from: 300);
        var view = await Release();
        Assert.Equal(4, view.Active);
        Assert.Equal((siblings[0].ToString(), 1, 12), view.Cells.Where(c => c.Members == 1).Select(c => (c.Cell, c.Members, c.Contributors)).Single());
        Assert.Equal((Se.Parent(8).ToString(), 2, 12), view.Cells.Where(c => c.Members > 1).Select(c => (c.Cell, c.Members, c.Contributors)).Single());
        Assert.Equal(1, view.Suppressed);
    }

    [Fact]
    public async Task Nine_people_are_not_shown_nor_is_one_person_a_hundred_times_and_ten_are()
    {
        var cells = H3.GridDisk(Se, 6);
        await Send(cells[0], people: 9, from: 0);
        for (var again = 0; again < 100; again++) await Append(Entry(cells[60], (ulong)again, 777));
        await Send(cells[^1], people: 10, from: 500);
        var view = await Release();
        Assert.Equal([cells[^1].ToString()], view.Cells.Select(c => c.Cell));
        Assert.Equal(2, view.Suppressed);
    }

    [Fact]
    public async Task What_was_released_is_not_changed_by_what_comes_later()
    {
        await Send(Se, people: 12, from: 0);
        var before = await Release();
        await Send(Se, people: 30, from: 100);
        var after = await Release();
        Assert.Equal(before.Cells.Single().Contributors, after.Cells.Single().Contributors);
        Assert.Equal(30, (await cluster.Grains.GetGrain<IHotspotCellGrain>(Se.ToString()).View()).Late);
    }

    [Fact]
    public async Task Production_release_needs_more_devices_than_the_threshold_and_is_drawn_once()
    {
        await Send(Se, people: 40, from: 0);
        await Send(H3.GridDisk(Se, 6)[^1], people: 400, from: 1000);
        cluster.Clock.Advance(DateTimeOffset.FromUnixTimeSeconds(Noon + 7300));
        var view = await Region().Ask(cluster);
        Assert.Equal((1, 2), (view.ProductionVisible, view.ProductionSlots));
        for (var i = 0; i < 20; i++) Assert.Equal(view.ProductionVisible, (await Region().Ask(cluster)).ProductionVisible);
    }

    private async Task<RegionView> Release()
    {
        cluster.Clock.Advance(DateTimeOffset.FromUnixTimeSeconds(Noon + 400));
        return await Region().Ask(cluster);
    }

    private static RegionOf Region() => new(Se.Parent(5).ToString());

    private sealed class Stored<T>(T state) : IGrainState<T>
    {
        public T? State { get; set; } = state;
        public string? ETag { get; set; }
        public bool RecordExists { get; set; }
    }

    private sealed record RegionOf(string Cell)
    {
        public async Task<RegionView> Ask(InProcessCluster cluster)
        {
            var region = cluster.Grains.GetGrain<IRegionGrain>(Cell);
            await region.Advance();
            return await region.Query(BoundingBox.World);
        }
    }

    private async Task Send(CellId cell, int people, ulong from)
    {
        for (var p = 0UL; p < (ulong)people; p++) await Append(Entry(cell, 1, from + p));
    }

    private async Task Append(LogEntry entry)
    {
        var cell = new CellId(entry.Cell);
        Assert.True(await cluster.Grains.GetGrain<IRegionGrain>(cell.Parent(5).ToString()).Enlist(cell.ToString())); // as the ingress does
        var log = cluster.Grains.GetGrain<IIngestLogGrain>(entry.Partition);
        await log.Append([entry]);
        await Settle(log);
    }

    private static async Task Settle(IIngestLogGrain log)
    {
        for (var i = 0; i < 1000 && await log.Pending() > 0; i++) await Task.Delay(5);
        Assert.Equal(0, await log.Pending());
    }

    private static LogEntry Entry(CellId cell, ulong sequence, ulong device) => new(device, device, 1, sequence, Noon + 10, cell.Value, 1, 0.9f, 0, 0, device, device);
}
