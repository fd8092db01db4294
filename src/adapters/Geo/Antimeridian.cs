using System.Globalization;
using NetTopologySuite.Geometries;

namespace CitySafeSense.Geo;

/// <summary>
/// Polygons that cross the antimeridian in one ring, which RFC 7946 (3.1.9) asks writers to cut and many do not: an edge of more than half the
/// globe is the short way around the other side.
/// </summary>
internal static class Antimeridian
{
    private const double LongitudeMax = 540;

    /// <returns>The polygon with every ring in one piece, beyond 180 degrees where it has to be.</returns>
    /// <exception cref="FormatException">A coordinate is no degree.</exception>
    public static Geometry Unwrap(Geometry geometry, string name)
    {
        var polygon = (Polygon)geometry;
        var shell = Unwrap(polygon.Shell, null, name);
        return polygon.Factory.CreatePolygon(shell, [.. polygon.Holes.Select(h => Unwrap(h, shell.Coordinates[0].X, name))]);
    }

    /// <param name="near">A longitude that the ring is to be near.</param>
    private static LinearRing Unwrap(LinearRing ring, double? near, string name)
    {
        var corners = ring.Coordinates;
        foreach (var c in corners)
            if (!(Math.Abs(c.X) <= LongitudeMax && Math.Abs(c.Y) <= 90))
                throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"{name}: ({c.X}, {c.Y}) is no longitude and latitude in degrees; are these metres, or is the order exchanged?"));
        var unwrapped = new Coordinate[corners.Length];
        var last = near ?? corners[0].X;
        for (var i = 0; i < corners.Length; i++)
        {
            var longitude = corners[i].X;
            while (longitude - last > 180) longitude -= 360;
            while (longitude - last < -180) longitude += 360;
            unwrapped[i] = new Coordinate(last = longitude, corners[i].Y);
        }
        if (!unwrapped[^1].Equals2D(unwrapped[0])) throw new FormatException($"{name}: a ring goes around a pole; cut it at the antimeridian (RFC 7946, section 3.1.9)");
        return ring.Factory.CreateLinearRing(unwrapped);
    }
}
