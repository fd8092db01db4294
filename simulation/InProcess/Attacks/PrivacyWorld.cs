using CitySafeSense.Contracts;
using CitySafeSense.EmbeddedOrleans;
using CitySafeSense.Hotspots;
using CitySafeSense.Numerics;
using CitySafeSense.Privacy;
using CitySafeSense.Sensing;

namespace CitySafeSense.InProcess;

/// <summary>A small city on virtual time, as an attacker may have made it: some devices are theirs, and they see what anybody sees.</summary>
internal sealed class PrivacyWorld : IAsyncDisposable
{
    public const int K = 10, BinSeconds = 300, LatenessSeconds = 60;

    /// <summary>Monday, 2026-03-02, noon: the beginning of an hour.</summary>
    public const long Noon = 1_772_452_800;

    private const int Merge = 8, Region = 5;
    private static readonly CellId centre = H3.LatLngToCell(new(-23.5505, -46.6333), 9);
    private readonly InProcessCluster cluster;
    private readonly CityOptions city;
    private readonly KeyedPseudonym key;
    private readonly RefusingStorage storage = new(new MemoryStorage());
    private readonly Dictionary<string, ulong> sequences = [];
    private readonly SortedSet<string> enlisted = new(StringComparer.Ordinal);
    private readonly SpoiledAnswers answers;
    private readonly PrivacyPlant plant;

    public PrivacyWorld(PrivacyMode privacy, PrivacyPlant plant, ulong seed)
    {
        this.plant = plant;
        city = new CityOptions
        {
            Privacy = privacy,
            BinSeconds = BinSeconds,
            LatenessSeconds = LatenessSeconds,
            Contributors = plant == PrivacyPlant.KMinusOne ? K - 1 : K,
            ReleaseSlots = ContributionTokens.HoursPerWeek,
        };
        var bytes = new byte[KeyedPseudonym.KeyBytes];
        new SeededBytes(Rng.For(seed, "key")).Fill(bytes);
        key = new KeyedPseudonym(bytes);
        answers = new SpoiledAnswers(plant, new Noise(new SeededBytes(Rng.For(seed, "plant"))));
        cluster = new InProcessCluster(city, 1, seed, filter: answers, memory: storage);
        answers.Grains = cluster.Grains;
    }

    public GaussianRelease Mechanism => GaussianRelease.Default with { Slots = city.ReleaseSlots };

    /// <summary>So many cells of one region, from the centre outwards, each in an r8 cell of its own.</summary>
    public static CellId[] Places(int count) => [.. H3.GridDisk(centre, 20).Where(c => c.Parent(Region) == centre.Parent(Region)).DistinctBy(c => c.Parent(Merge)).Take(count)];

    /// <summary>The r9 cells of the r8 cell at the centre.</summary>
    public static CellId[] Siblings => [.. H3.Children(centre.Parent(Merge), 9)];

    public int Refusals
    {
        set => storage.Refusals = value;
    }

    public async ValueTask DisposeAsync() => await cluster.DisposeAsync();

    /// <summary>A window of each device; one that is told twice is heard twice.</summary>
    public async Task Hear(CellId cell, IEnumerable<string> devices, long at, ActivityClass activity = ActivityClass.Walking, string? owner = null)
    {
        if (enlisted.Add(cell.ToString()) && !await RegionGrain.Enlist(cell.ToString())) throw new InvalidOperationException($"{cell} has no room");
        answers.Cells = enlisted;
        var hour = answers.Truth[(cell.Parent(Merge).ToString(), at - at % 3600)] = answers.Truth.GetValueOrDefault((cell.Parent(Merge).ToString(), at - at % 3600)) ?? [];
        var entries = devices.Select(device =>
        {
            hour.Add(device);
            var sequence = sequences[device] = sequences.GetValueOrDefault(device) + 1;
            var (whose, place, bin) = (plant == PrivacyPlant.OwnerBlind ? device : owner ?? device, cell.Parent(Merge).Value, at - at % BinSeconds);
            if (plant == PrivacyPlant.FixedPseudonym) (place, bin) = (0, 0);
            var names = ContributorNames.Of(key, device, whose, place, bin, at, city.ReleaseSlots);
            return new LogEntry(names.Device, names.Owner, 1, sequence, at, cell.Value, (byte)activity, 0.9f, 0, 0, names.Contributor, names.Slot);
        });
        foreach (var partition in entries.GroupBy(e => e.Partition))
            foreach (var some in partition.Chunk(Limits.EntriesPerAppend)) await cluster.Grains.GetGrain<IIngestLogGrain>(partition.Key).Append([.. some]);
        foreach (var log in Enumerable.Range(0, Limits.Partitions).Select(p => cluster.Grains.GetGrain<IIngestLogGrain>(p)))
            while (await log.Pending() > 0) await Task.Delay(1);
    }

    /// <summary>Time goes on, and everything that is due is decided.</summary>
    public async Task GoTo(long unixSeconds)
    {
        cluster.Clock.Advance(DateTimeOffset.FromUnixTimeSeconds(unixSeconds));
        await RegionGrain.Advance();
        await cluster.Grains.GetGrain<IHotspotWatchGrain>("city").Advance();
    }

    public Task<RegionView> Look(BoundingBox? box = null) => RegionGrain.Query(box ?? BoundingBox.World);

    /// <summary>What anybody is told of what is out of the ordinary, alarms too.</summary>
    public async Task<string> Alarms()
    {
        var view = await cluster.Grains.GetGrain<IHotspotWatchGrain>("city").View();
        return string.Join('\n', view.Anomalies.Select(a => a.ToString()).Concat((await cluster.Grains.GetGrain<IAlarmGrain>("alarms").Recent(false, 100)).Select(a => $"{a} {string.Join(',', a.Cells)}")));
    }

    /// <summary>What only somebody inside could read: a cell's closed bins that its region has not stored yet.</summary>
    public Task<ImmutableArray<CellBin>> Inside(CellId cell, long now, long confirmed) => cluster.Grains.GetGrain<IHotspotCellGrain>(cell.ToString()).Close(now, confirmed);

    private IRegionGrain RegionGrain => cluster.Grains.GetGrain<IRegionGrain>(centre.Parent(Region).ToString());
}
