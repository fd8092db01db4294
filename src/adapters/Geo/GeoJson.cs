using System.Globalization;
using System.Text.Json;
using NetTopologySuite.Geometries;
using NetTopologySuite.IO.Converters;

namespace CitySafeSense.Geo;

/// <summary>Polygons of GeoJSON documents (RFC 7946), as other programs write them.</summary>
public static class GeoJson
{
    private const int DepthMax = 64;
    private static readonly JsonSerializerOptions geometries = new() { Converters = { new GeoJsonConverterFactory() }, MaxDepth = DepthMax };

    /// <summary>The polygons of a document of whatever kind; other shapes, and features without any, are passed over.</summary>
    /// <param name="name">For messages.</param>
    /// <exception cref="FormatException">It is no GeoJSON, has no polygon, or its coordinates are no degrees; says which and what helps.</exception>
    public static Area ReadArea(Stream json, string name)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = DepthMax });
            RequireDegrees(document.RootElement, name);
            var found = new List<Geometry>();
            Collect(document.RootElement, found);
            if (found.Count == 0) throw new FormatException($"{name}: no polygon in it; an outline is a Polygon or a MultiPolygon{(Kind(document.RootElement) == "Topology" ? ", and this is TopoJSON: convert it to GeoJSON first" : "")}");
            return new([.. found.Select(p => Antimeridian.Unwrap(p, name))], name);
        }
        catch (JsonException e)
        {
            var line = e.LineNumber is { } number ? string.Create(CultureInfo.InvariantCulture, $", line {number + 1}, byte {e.BytePositionInLine}") : "";
            throw new FormatException($"{name}{line} is not the GeoJSON that is needed: {e.Message.Split(" Path:")[0].Split(" LineNumber:")[0]}", e);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or NotSupportedException or IndexOutOfRangeException or KeyNotFoundException)
        {
            throw new FormatException($"{name} is not the GeoJSON that is needed: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    private static void Collect(JsonElement element, List<Geometry> found)
    {
        switch (Kind(element))
        {
            case "FeatureCollection":
                foreach (var feature in Members(element, "features")) Collect(feature, found);
                break;
            case "GeometryCollection":
                foreach (var geometry in Members(element, "geometries")) Collect(geometry, found);
                break;
            case "Feature" when element.TryGetProperty("geometry", out var geometry):
                Collect(geometry, found);
                break;
            case "Polygon" or "MultiPolygon":
                if (element.Deserialize<Geometry>(geometries) is { IsEmpty: false } shape)
                    for (var part = 0; part < shape.NumGeometries; part++)
                        if (!shape.GetGeometryN(part).IsEmpty) found.Add(shape.GetGeometryN(part));
                break;
        }
    }

    private static string? Kind(JsonElement element) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String ? type.GetString() : null;

    private static IEnumerable<JsonElement> Members(JsonElement element, string name) =>
        element.TryGetProperty(name, out var members) && members.ValueKind == JsonValueKind.Array ? members.EnumerateArray() : throw new FormatException($"\"{name}\" of a {Kind(element)} is no array");

    /// <summary>RFC 7946 knows degrees of WGS 84 only; before it, a document could name another system.</summary>
    private static void RequireDegrees(JsonElement root, string name)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("crs", out var crs) || crs.ValueKind != JsonValueKind.Object) return;
        if (!crs.TryGetProperty("properties", out var properties) || properties.ValueKind != JsonValueKind.Object || !properties.TryGetProperty("name", out var named) || named.ValueKind != JsonValueKind.String) return;
        var system = named.GetString()!;
        if (!system.EndsWith("CRS84", StringComparison.OrdinalIgnoreCase) && !system.EndsWith("4326", StringComparison.Ordinal) && !system.EndsWith("4674", StringComparison.Ordinal))
            throw new FormatException($"{name}: its coordinates are in {system}, and degrees of longitude and latitude (WGS 84) are needed: convert it, such as with ogr2ogr -t_srs EPSG:4326");
    }
}
