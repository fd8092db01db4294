using CitySafeSense.Numerics;

namespace CitySafeSense.Hotspots;

/// <summary>A point on the unit sphere.</summary>
internal readonly record struct UnitVector(double X, double Y, double Z)
{
    public static UnitVector Of(LatLng position)
    {
        var (sinLat, cosLat) = Elementary.SinCos(double.DegreesToRadians(position.LatitudeDegrees));
        var (sinLng, cosLng) = Elementary.SinCos(double.DegreesToRadians(position.LongitudeDegrees));
        return new(cosLat * cosLng, cosLat * sinLng, sinLat);
    }

    public static UnitVector OfFace(int face)
    {
        var centre = H3Tables.FaceCentre.Slice(3 * face, 3);
        return new(centre[0], centre[1], centre[2]);
    }

    public LatLng ToLatLng() => new(double.RadiansToDegrees(Elementary.Atan2(Z, Math.Sqrt(X * X + Y * Y))), double.RadiansToDegrees(Elementary.Atan2(Y, X)));

    public static double DistanceSquared(UnitVector a, UnitVector b)
    {
        double x = a.X - b.X, y = a.Y - b.Y, z = a.Z - b.Z;
        return x * x + y * y + z * z;
    }

    /// <summary>Radians clockwise from north of the way to another point.</summary>
    public double AzimuthTo(UnitVector other)
    {
        var (north, east) = Tangents();
        return Elementary.Atan2(Dot(other, east), Dot(other, north));
    }

    /// <summary>The point at an azimuth and an angle from here.</summary>
    public UnitVector Towards(double azimuth, double angle)
    {
        var (north, east) = Tangents();
        var (sin, cos) = Elementary.SinCos(azimuth);
        var (far, near) = Elementary.SinCos(angle);
        return new(
            near * X + far * (cos * north.X + sin * east.X),
            near * Y + far * (cos * north.Y + sin * east.Y),
            near * Z + far * (cos * north.Z + sin * east.Z));
    }

    private (UnitVector North, UnitVector East) Tangents()
    {
        var across = Math.Sqrt(X * X + Y * Y);
        var north = new UnitVector(-Z * X / across, -Z * Y / across, across);
        return (north, new UnitVector(-Y / across, X / across, 0));
    }

    private static double Dot(UnitVector a, UnitVector b) => a.X * b.X + a.Y * b.Y + a.Z * b.Z;
}
