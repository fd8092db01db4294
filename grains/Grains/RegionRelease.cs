using CitySafeSense.Contracts;
using CitySafeSense.Hotspots;
using CitySafeSense.Numerics;
using CitySafeSense.Privacy;
using CitySafeSense.Sensing;

namespace CitySafeSense.Grains;

/// <summary>From a region's closed bins to what may be shown of them. Pure: the grain stores what comes out, once.</summary>
public static class RegionRelease
{
    private const int ReleaseResolution = 8;

    /// <summary>How noise and threshold are computed.</summary>
    public static GaussianRelease Mechanism(CityOptions city) => GaussianRelease.Default with { Slots = city.ReleaseSlots };

    /// <summary>What one released value is of, in time.</summary>
    public static int BinSeconds(CityOptions city) => city.Privacy == PrivacyMode.Simulation ? city.BinSeconds : 3600;

    /// <summary>Of fewer nothing is shown.</summary>
    public static int ShownFrom(CityOptions city) => city.Privacy == PrivacyMode.Simulation ? city.Contributors : (int)Math.Ceiling(Mechanism(city).Threshold(city.Contributors) * Mechanism(city).Scale);

    /// <summary>The k rule over the cells of one bin, and what the bin adds to the slots of the noisy release.</summary>
    public static (ReleasedBin Bin, IReadOnlyList<ReleaseSlot> Slots) OfBin(long start, IReadOnlyCollection<(string Cell, CellBin Bin)> cells, int contributors)
    {
        var bins = cells.ToDictionary(c => CellId.Parse(c.Cell), c => c.Bin);
        var outcome = DisclosureControl.Apply(
            [.. bins.Select(b => (b.Key, b.Value.Contributors))], contributors,
            cell => cell.Parent(ReleaseResolution),
            members => members.SelectMany(m => bins[m].ContributorPseudonyms).Distinct().Count());
        // The region's share is that of what is shown: a hidden cell must not show in the others' scores.
        CellBin[] visible = [.. outcome.Released.Concat(outcome.Merged).SelectMany(d => d.Members).Select(m => bins[m])];
        var (incidents, windows) = (visible.Sum(Incidents), visible.Sum(b => b.Windows.Sum()));
        ImmutableArray<ReleasedCell> shown = [.. outcome.Released.Concat(outcome.Merged).Select(d =>
        {
            CellBin[] members = [.. d.Members.Select(m => bins[m])];
            ImmutableArray<int> byClass = [.. Enumerable.Range(0, ActivityClasses.Counted).Select(c => members.Sum(m => m.Windows.ElementAtOrDefault(c)))]; // bins of before have fewer classes
            var score = IncidentScore.Of(members.Sum(Incidents), byClass.Sum(), incidents, windows);
            var expected = windows == 0 ? 0 : byClass.Sum() * (incidents / (double)windows);
            return new ReleasedCell(d.Key.ToString(), d.Members.Count, start, d.Contributors, byClass, members.Sum(m => m.Discontinuities), score, null, expected);
        })];
        var slots = bins.GroupBy(b => b.Key.Parent(ReleaseResolution))
            .Select(g => new ReleaseSlot(g.Key.ToString(), start - start % 3600, g.Sum(b => b.Value.SlotDevices), false, null));
        return (new ReleasedBin(start, shown, bins.Count, outcome.Suppressed.Count), [.. slots]);
    }

    /// <summary>In simulation bins of cells, in production hours of what was drawn.</summary>
    /// <param name="advanced">Unix seconds to which the region has decided.</param>
    public static RegionReleases Since(RegionState state, long after, string? cell, long advanced, CityOptions city)
    {
        var isOf = new Func<string, bool>(c => cell is null || c == cell);
        if (city.Privacy == PrivacyMode.Simulation)
        {
            var bins = state.Released.Where(b => b.StartUnixSeconds > after).Select(b => b with { Cells = [.. b.Cells.Where(c => isOf(c.Cell))] });
            return Some([.. bins], new BinClock(city.BinSeconds, city.LatenessSeconds).LastClosed(advanced), isOfOne: cell is not null);
        }
        ImmutableArray<ReleasedBin> hours = [.. state.Slots.Where(s => s.Drawn && s.HourUnixSeconds > after).GroupBy(s => s.HourUnixSeconds).OrderBy(g => g.Key)
            .Select(g => new ReleasedBin(g.Key, [.. g.Where(s => s.NoisyDevices is not null && isOf(s.Cell)).Select(Noisy)], 0, 0))];
        return Some(hours, new BinClock(3600, city.LatenessSeconds).LastClosed(advanced), isOfOne: cell is not null);
    }

    /// <summary>A day of a full region is too much for one message: of all cells there are so many bins at once, and whoever wants more asks again.</summary>
    private static RegionReleases Some(ImmutableArray<ReleasedBin> bins, long through, bool isOfOne) => isOfOne || bins.Length <= Limits.ReleasedBinsPerAnswer
        ? new(bins, through) : new(bins[..Limits.ReleasedBinsPerAnswer], bins[Limits.ReleasedBinsPerAnswer - 1].StartUnixSeconds);

    /// <summary>In simulation the cells of the last bin; in production the slots of the last hour that was drawn.</summary>
    public static RegionView View(string region, RegionState state, BoundingBox box, CityOptions city)
    {
        var drawn = state.Slots.Where(s => s.Drawn).ToArray();
        if (city.Privacy == PrivacyMode.Production)
        {
            var hour = drawn.Length == 0 ? 0 : drawn.Max(s => s.HourUnixSeconds);
            ImmutableArray<ReleasedCell> visible = [.. drawn.Where(s => s.HourUnixSeconds == hour && s.NoisyDevices is not null && Within(s.Cell, box))
                .Select(Noisy)];
            return new(region, visible, 0, 0, 0, visible.Length, 0);
        }
        var last = state.Released.LastOrDefault();
        var preview = state.Slots.Count(s => s.Drawn ? s.NoisyDevices is not null : Mechanism(city).Release(s.Devices, city.Contributors, PreviewNoise(s)) is not null);
        return new(
            region, last is null ? [] : [.. last.Cells.Where(c => Within(c.Cell, box))], last?.Active ?? 0, last?.Suppressed ?? 0,
            state.EverReleased.Count, preview, state.Slots.Count);
    }

    private static ReleasedCell Noisy(ReleaseSlot slot) => new(slot.Cell, 1, slot.HourUnixSeconds, 0, [], 0, 0, slot.NoisyDevices);

    /// <summary>The same number whenever and however often a slot of virtual devices is looked at before its hour is over.</summary>
    private static Noise PreviewNoise(ReleaseSlot slot) => new(new SeededBytes(Rng.For((ulong)slot.HourUnixSeconds, "preview", slot.Cell)));

    private static bool Within(string cell, BoundingBox box)
    {
        var centre = H3.CellToLatLng(CellId.Parse(cell));
        return box.Contains(centre.LatitudeDegrees, centre.LongitudeDegrees);
    }

    private static int Incidents(CellBin bin) => ActivityClasses.IncidentsIn(bin.Windows);
}
