using System.Globalization;
using CitySafeSense.Contracts;
using CitySafeSense.Hotspots;
using CitySafeSense.Numerics;
using CitySafeSense.Sensing;
using CitySafeSense.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace CitySafeSense.Silo.Api;

/// <summary>What may be shown of the city's cells. Public: there is nothing in it that is not released.</summary>
internal static class HotspotsApi
{
    /// <summary>The circumradius of a region's hexagon, in degrees of latitude, generously.</summary>
    private const double RegionReachDegrees = 0.15;

    private const int RegionResolution = 5, AnomaliesMax = 200;

    /// <summary>From which score on it is worth telling.</summary>
    private const double Notable = 2;

    public static void Map(WebApplication app)
    {
        app.MapGet(Routes.Hotspots, async (string? bbox, IGrainFactory grains, CityOptions city) =>
        {
            if (!TryParse(bbox, out var box)) return Api.Refused(StatusCodes.Status400BadRequest, "bbox is south,west,north,east in degrees, south below north and west below east");
            var regions = (await grains.GetGrain<ICityGrain>("city").Regions()).Where(r => Touches(r, box)).ToArray();
            if (regions.Length > Limits.RegionsPerQuery)
                return Api.Refused(StatusCodes.Status400BadRequest, $"this box touches {regions.Length} regions, more than {Limits.RegionsPerQuery}: ask for a smaller one");
            var views = await Task.WhenAll(regions.Select(r => grains.GetGrain<IRegionGrain>(r).Query(box)));
            return TypedResults.Json(Answer(views, await Watch(grains), box, city), WireJson.Default.HotspotsAnswer);
        });

        app.MapGet(Routes.Hotspots + "/{cell}", async (string cell, IGrainFactory grains, CityOptions city) =>
        {
            if (!CellId.TryParse(cell, out var id) || id.Resolution < RegionResolution) return NoCell(cell);
            if (await RegionOf(id, grains) is not { } region) return NotReleased(id, city);
            var view = await region.Query(BoundingBox.World);
            return view.Cells.FirstOrDefault(c => c.Cell == id.ToString()) is { } found
                ? TypedResults.Json(Answer([view with { Cells = [found] }], await Watch(grains, id), BoundingBox.World, city), WireJson.Default.HotspotsAnswer)
                : NotReleased(id, city);
        });

        app.MapGet(Routes.Hotspots + "/{cell}/history", async (string cell, IGrainFactory grains, CityOptions city) =>
        {
            if (!CellId.TryParse(cell, out var id) || id.Resolution < RegionResolution) return NoCell(cell);
            if (await RegionOf(id, grains) is not { } region) return NotReleased(id, city);
            var released = (await region.Releases(long.MinValue, id.ToString())).Bins.SelectMany(b => b.Cells).ToArray();
            if (released.Length == 0) return NotReleased(id, city);
            var simulated = city.Privacy == PrivacyMode.Simulation;
            var anomaly = (await Watch(grains, id)).Anomalies.FirstOrDefault();
            return TypedResults.Json(new HotspotHistory(id.ToString(), simulated, UnitOf(city), [.. released.Select(c => Describe(c, simulated, null))], anomaly is null ? null : Describe(anomaly)), WireJson.Default.HotspotHistory);
        });

        app.MapGet(Routes.Hotspots + "/{cell}/counts", async (string cell, IGrainFactory grains, CityOptions city, SiloOptions options) =>
        {
            var simulated = city.Privacy == PrivacyMode.Simulation;
            if (!simulated && !options.OperatorCounts) return Api.Refused(StatusCodes.Status403Forbidden, "exact counts of real devices are not private: operators see them where the silo was started with --operator-counts");
            if (!CellId.TryParse(cell, out var id)) return Api.Refused(StatusCodes.Status400BadRequest, $"\"{cell}\" is no H3 cell");
            if (!simulated) await grains.GetGrain<IAuditGrain>("audit").Add("look-at-counts", "", $"exact counts of {id}");
            var view = await grains.GetGrain<IHotspotCellGrain>(id.ToString()).View();
            var bins = view.Closed.Select(b => Describe(b, true)).Concat(view.Open.Select(b => Describe(b, false)));
            return TypedResults.Json(new CellCounts(view.Cell, simulated, false, view.Counted, view.Late, [.. bins]), WireJson.Default.CellCounts);
        }).ForOperators();
    }

    private static IResult NoCell(string cell) => Api.Refused(StatusCodes.Status400BadRequest, $"\"{cell}\" is no H3 cell of resolution {RegionResolution} or finer");

    private static IResult NotReleased(CellId cell, CityOptions city) =>
        Api.Refused(StatusCodes.Status404NotFound, $"nothing of {cell} is released: it had no movement, or fewer than {city.Contributors} contributors");

    /// <summary>Asking for a place nobody has been must not wake a grain for it.</summary>
    private static async Task<IRegionGrain?> RegionOf(CellId cell, IGrainFactory grains)
    {
        var region = cell.Parent(RegionResolution).ToString();
        return (await grains.GetGrain<ICityGrain>("city").Regions()).Contains(region) ? grains.GetGrain<IRegionGrain>(region) : null;
    }

    /// <summary>What is out of the ordinary; of one cell, where it is given.</summary>
    private static async Task<WatchView> Watch(IGrainFactory grains, CellId? cell = null)
    {
        var view = await grains.GetGrain<IHotspotWatchGrain>("city").View();
        return cell is { } one ? view with { Anomalies = [.. view.Anomalies.Where(a => a.Cell == one.ToString())], Clusters = [] } : view;
    }

    private static string UnitOf(CityOptions city) => city.Privacy == PrivacyMode.Simulation ? $"r9 cell, {city.BinSeconds / 60.0:0.#} min, exact above k" : $"r8 cell, 1 h, noisy, each device in {city.ReleaseSlots} of 168 hours";

    private static HotspotsAnswer Answer(IReadOnlyCollection<RegionView> views, WatchView watch, BoundingBox box, CityOptions city)
    {
        var simulated = city.Privacy == PrivacyMode.Simulation;
        Anomaly[] anomalies = [.. watch.Anomalies.DistinctBy(a => a.Cell).Where(a => a.Score >= Notable && Within(a.Cell, box)).Take(AnomaliesMax)];
        var scores = watch.Anomalies.DistinctBy(a => a.Cell).ToDictionary(a => a.Cell, a => a.Score);
        HotspotCell[] cells = [.. views.SelectMany(v => v.Cells).Select(c => Describe(c, simulated, scores.TryGetValue(c.Cell, out var score) ? score : null))
            .OrderByDescending(c => c.Score).ThenBy(c => c.Cell, StringComparer.Ordinal)];
        return new(
            simulated, UnitOf(city), city.Contributors, cells, [.. anomalies.Select(Describe)], [.. watch.Clusters.Where(c => Within(c.Centre, box)).Select(Describe)],
            views.Sum(v => v.Active), cells.Count(c => c.Members == 1), cells.Where(c => c.Members > 1).Sum(c => c.Members),
            views.Sum(v => v.Suppressed), views.Sum(v => v.EverReleased), views.Sum(v => v.ProductionVisible), views.Sum(v => v.ProductionSlots));
    }

    private static HotspotCell Describe(ReleasedCell cell, bool simulated, double? score)
    {
        var (centre, start) = (CentreOf(cell.Cell), DateTimeOffset.FromUnixTimeSeconds(cell.BinStartUnixSeconds));
        return simulated
            ? new(cell.Cell, centre.LatitudeDegrees, centre.LongitudeDegrees, cell.Members, start, cell.Contributors,
                Enumerable.Range(0, cell.Windows.Length).ToDictionary(c => ActivityClasses.CountedNames[c], c => cell.Windows[c]), cell.Discontinuities, Math.Round(score ?? cell.Score, 3), null)
            : new(cell.Cell, centre.LatitudeDegrees, centre.LongitudeDegrees, cell.Members, start, null, null, null, score is { } judged ? Math.Round(judged, 3) : null, Math.Round(cell.NoisyDevices ?? 0, 1));
    }

    private static HotspotAnomaly Describe(Anomaly anomaly)
    {
        var centre = CentreOf(anomaly.Cell);
        return new(
            anomaly.Cell, centre.LatitudeDegrees, centre.LongitudeDegrees, anomaly.Kind, Math.Round(anomaly.Score, 3), Math.Round(anomaly.Observed, 1), Math.Round(anomaly.Expected, 2),
            DateTimeOffset.FromUnixTimeSeconds(anomaly.Since), anomaly.Emerging);
    }

    private static HotspotCluster Describe(CityCluster cluster)
    {
        var centre = CentreOf(cluster.Centre);
        return new(cluster.Centre, centre.LatitudeDegrees, centre.LongitudeDegrees, cluster.Radius, cluster.Hours, cluster.Observed, Math.Round(cluster.Expected, 1), cluster.P, Math.Round(cluster.RecurrenceHours, 1));
    }

    private static CellBinCounts Describe(CellBin bin, bool closed) => new(
        DateTimeOffset.FromUnixTimeSeconds(bin.StartUnixSeconds), closed, bin.Windows.Sum() + bin.Unclassified, bin.Contributors, bin.Discontinuities,
        bin.Entries, bin.Exits, bin.MeanStaySeconds, bin.MeanChangeEast, bin.MeanChangeNorth, bin.ChangeVariance);

    private static bool Within(string cell, BoundingBox box)
    {
        var centre = CentreOf(cell);
        return box.Contains(centre.LatitudeDegrees, centre.LongitudeDegrees);
    }

    private static LatLng CentreOf(string cell) => H3.CellToLatLng(CellId.Parse(cell));

    private static bool Touches(string region, BoundingBox box)
    {
        var centre = CentreOf(region);
        var eastWest = RegionReachDegrees / Math.Max(0.05, Elementary.Cos(double.DegreesToRadians(centre.LatitudeDegrees)));
        return new BoundingBox(box.South - RegionReachDegrees, box.West - eastWest, box.North + RegionReachDegrees, box.East + eastWest)
            .Contains(centre.LatitudeDegrees, centre.LongitudeDegrees);
    }

    private static bool TryParse(string? text, out BoundingBox box)
    {
        box = BoundingBox.World;
        if (text is null) return true;
        var numbers = new List<double>();
        foreach (var part in text.Split(','))
        {
            if (!double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number)) return false;
            numbers.Add(number);
        }
        if (numbers.Count != 4 || numbers[0] >= numbers[2] || numbers[1] >= numbers[3]) return false;
        box = new(numbers[0], numbers[1], numbers[2], numbers[3]);
        return true;
    }
}
