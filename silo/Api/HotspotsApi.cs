using System.Globalization;
using CitySafeSense.Contracts;
using CitySafeSense.Hotspots;
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

    public static void Map(WebApplication app)
    {
        app.MapGet(Routes.Hotspots, async (string? bbox, IGrainFactory grains, CityOptions city) =>
        {
            if (!TryParse(bbox, out var box)) return Api.Refused(StatusCodes.Status400BadRequest, "bbox is south,west,north,east in degrees, south below north and west below east");
            var regions = (await grains.GetGrain<ICityGrain>("city").Regions()).Where(r => Touches(r, box)).ToArray();
            if (regions.Length > Limits.RegionsPerQuery)
                return Api.Refused(StatusCodes.Status400BadRequest, $"this box touches {regions.Length} regions, more than {Limits.RegionsPerQuery}: ask for a smaller one");
            var views = await Task.WhenAll(regions.Select(r => grains.GetGrain<IRegionGrain>(r).Query(box)));
            return TypedResults.Json(Answer(views, city), WireJson.Default.HotspotsAnswer);
        });

        app.MapGet(Routes.Hotspots + "/{cell}", async (string cell, IGrainFactory grains, CityOptions city) =>
        {
            if (!CellId.TryParse(cell, out var id) || id.Resolution < 5) return Api.Refused(StatusCodes.Status400BadRequest, $"\"{cell}\" is no H3 cell of resolution 5 or finer");
            var region = id.Parent(5).ToString();
            // Asking for a place nobody has been must not wake a grain for it.
            var view = (await grains.GetGrain<ICityGrain>("city").Regions()).Contains(region) ? await grains.GetGrain<IRegionGrain>(region).Query(BoundingBox.World) : null;
            return view?.Cells.FirstOrDefault(c => c.Cell == id.ToString()) is { } found
                ? TypedResults.Json(Answer([view with { Cells = [found] }], city), WireJson.Default.HotspotsAnswer)
                : Api.Refused(StatusCodes.Status404NotFound, $"nothing of {cell} is released: it had no movement, or fewer than {city.Contributors} contributors");
        });

        app.MapGet(Routes.Hotspots + "/{cell}/counts", async (string cell, IGrainFactory grains, CityOptions city) =>
        {
            if (city.Privacy != PrivacyMode.Simulation) return Api.Refused(StatusCodes.Status403Forbidden, "exact counts exist in simulation only");
            if (!CellId.TryParse(cell, out var id)) return Api.Refused(StatusCodes.Status400BadRequest, $"\"{cell}\" is no H3 cell");
            var view = await grains.GetGrain<IHotspotCellGrain>(id.ToString()).View();
            var bins = view.Closed.Select(b => Describe(b, true)).Concat(view.Open.Select(b => Describe(b, false)));
            return TypedResults.Json(new CellCounts(view.Cell, true, view.Counted, view.Late, [.. bins]), WireJson.Default.CellCounts);
        }).ForOperators();
    }

    private static HotspotsAnswer Answer(IReadOnlyCollection<RegionView> views, CityOptions city)
    {
        var simulated = city.Privacy == PrivacyMode.Simulation;
        ReleasedCell[] cells = [.. views.SelectMany(v => v.Cells).OrderByDescending(c => c.Score).ThenBy(c => c.Cell, StringComparer.Ordinal)];
        return new(
            simulated, simulated ? $"r9 cell, {city.BinSeconds / 60.0:0.#} min, exact above k" : "r8 cell, 1 h, noisy", city.Contributors,
            [.. cells.Select(c => Describe(c, simulated))], views.Sum(v => v.Active), cells.Count(c => c.Members == 1), cells.Where(c => c.Members > 1).Sum(c => c.Members),
            views.Sum(v => v.Suppressed), views.Sum(v => v.EverReleased), views.Sum(v => v.ProductionVisible), views.Sum(v => v.ProductionSlots));
    }

    private static HotspotCell Describe(ReleasedCell cell, bool simulated)
    {
        CellId.TryParse(cell.Cell, out var id);
        var centre = H3.CellToLatLng(id);
        var start = DateTimeOffset.FromUnixTimeSeconds(cell.BinStartUnixSeconds);
        return simulated
            ? new(cell.Cell, centre.LatitudeDegrees, centre.LongitudeDegrees, cell.Members, start, cell.Contributors,
                Enumerable.Range(0, cell.Windows.Length).ToDictionary(c => ActivityClasses.Names[c], c => cell.Windows[c]), cell.Discontinuities, Math.Round(cell.Score, 3), null)
            : new(cell.Cell, centre.LatitudeDegrees, centre.LongitudeDegrees, cell.Members, start, null, null, null, null, Math.Round(cell.NoisyDevices ?? 0, 1));
    }

    private static CellBinCounts Describe(CellBin bin, bool closed) =>
        new(DateTimeOffset.FromUnixTimeSeconds(bin.StartUnixSeconds), closed, bin.Windows.Sum() + bin.Unclassified, bin.Contributors);

    private static bool Touches(string region, BoundingBox box)
    {
        CellId.TryParse(region, out var id);
        var centre = H3.CellToLatLng(id);
        var eastWest = RegionReachDegrees / Math.Max(0.05, Math.Cos(double.DegreesToRadians(centre.LatitudeDegrees)));
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
