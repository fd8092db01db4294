using System.Text.Json;
using CitySafeSense.Numerics;

namespace CitySafeSense.Hotspots;

/// <summary>Polygons on the map, with holes: which cells are theirs.</summary>
public sealed class Area
{
    private const int SamplesPerCell = 3;
    private readonly IReadOnlyList<Polygon> polygons;

    private Area(IReadOnlyList<Polygon> polygons) => this.polygons = polygons;

    /// <summary>The polygons of a GeoJSON document, of whatever kind (RFC 7946); other shapes in it are passed over.</summary>
    /// <param name="name">For messages.</param>
    /// <exception cref="FormatException">It is no GeoJSON, or has no polygon.</exception>
    public static Area FromGeoJson(Stream json, string name)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 32 });
            var found = new List<Polygon>();
            Collect(document.RootElement, found);
            return found.Count > 0 ? new(found) : throw new FormatException($"{name}: no polygon in it");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or IndexOutOfRangeException)
        {
            throw new FormatException($"{name} is not the GeoJSON that is needed: {e.Message}", e);
        }
    }

    public bool Contains(LatLng position) => polygons.Any(p => p.Contains(position));

    /// <summary>The cells whose centre lies inside, in the order of their indices.</summary>
    public IReadOnlyList<CellId> Cells(int resolution)
    {
        var cells = new SortedSet<CellId>();
        foreach (var polygon in polygons)
        {
            var middle = new LatLng((polygon.South + polygon.North) / 2, (polygon.West + polygon.East) / 2);
            // A third of the distance between neighbours: no cell slips between.
            var centre = H3.LatLngToCell(middle, resolution);
            var beside = H3.CellToLatLng(H3.Neighbours(centre)[0]);
            var step = Math.Sqrt(UnitVector.DistanceSquared(UnitVector.Of(H3.CellToLatLng(centre)), UnitVector.Of(beside))) * 180 / Math.PI / SamplesPerCell;
            var across = step / Math.Max(0.01, Elementary.Cos(double.DegreesToRadians(Math.Max(Math.Abs(polygon.South), Math.Abs(polygon.North)))));
            for (var latitude = polygon.South - step; latitude <= polygon.North + step; latitude += step)
                for (var longitude = polygon.West - across; longitude <= polygon.East + across; longitude += across)
                    if (Math.Abs(latitude) <= 90) cells.Add(H3.LatLngToCell(new(latitude, longitude), resolution));
        }
        return [.. cells.Where(c => Contains(H3.CellToLatLng(c)))];
    }

    private static void Collect(JsonElement element, List<Polygon> found)
    {
        if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty("type", out var type)) return;
        switch (type.GetString())
        {
            case "FeatureCollection":
                foreach (var feature in element.GetProperty("features").EnumerateArray()) Collect(feature, found);
                break;
            case "GeometryCollection":
                foreach (var geometry in element.GetProperty("geometries").EnumerateArray()) Collect(geometry, found);
                break;
            case "Feature":
                Collect(element.GetProperty("geometry"), found);
                break;
            case "Polygon":
                found.Add(Polygon.Of(element.GetProperty("coordinates")));
                break;
            case "MultiPolygon":
                found.AddRange(element.GetProperty("coordinates").EnumerateArray().Select(Polygon.Of));
                break;
        }
    }

    /// <summary>Rings of corners; inside is what an odd number of them goes around.</summary>
    private sealed record Polygon(IReadOnlyList<LatLng[]> Rings, double South, double West, double North, double East)
    {
        public static Polygon Of(JsonElement rings)
        {
            LatLng[][] corners = [.. rings.EnumerateArray().Select(r => r.EnumerateArray().Select(p => new LatLng(p[1].GetDouble(), p[0].GetDouble())).ToArray())];
            var all = corners.SelectMany(r => r).ToArray();
            if (all.Length == 0) throw new FormatException("a polygon has no corner");
            return new(corners, all.Min(p => p.LatitudeDegrees), all.Min(p => p.LongitudeDegrees), all.Max(p => p.LatitudeDegrees), all.Max(p => p.LongitudeDegrees));
        }

        public bool Contains(LatLng p)
        {
            if (p.LatitudeDegrees < South || p.LatitudeDegrees > North || p.LongitudeDegrees < West || p.LongitudeDegrees > East) return false;
            var inside = false;
            foreach (var ring in Rings)
                for (int i = 0, j = ring.Length - 1; i < ring.Length; j = i++)
                    if (ring[i].LatitudeDegrees > p.LatitudeDegrees != ring[j].LatitudeDegrees > p.LatitudeDegrees
                        && p.LongitudeDegrees < (ring[j].LongitudeDegrees - ring[i].LongitudeDegrees) * (p.LatitudeDegrees - ring[i].LatitudeDegrees) / (ring[j].LatitudeDegrees - ring[i].LatitudeDegrees) + ring[i].LongitudeDegrees)
                        inside = !inside;
            return inside;
        }
    }
}
