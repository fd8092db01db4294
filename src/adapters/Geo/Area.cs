using System.Globalization;
using CitySafeSense.Hotspots;
using CitySafeSense.Numerics;
using NetTopologySuite.Algorithm.Locate;
using NetTopologySuite.Geometries;

namespace CitySafeSense.Geo;

/// <summary>Polygons on the map, with holes: which cells are theirs.</summary>
public sealed class Area
{
    /// <summary>The most cells of one area.</summary>
    public const int CellsMax = 250_000;

    private const int SamplesPerCell = 3;
    private readonly IReadOnlyList<(Envelope Bounds, IndexedPointInAreaLocator Inside)> polygons;
    private readonly string name;
    private readonly double squareDegrees;

    /// <param name="polygons">In degrees; a ring across the antimeridian goes on beyond 180.</param>
    /// <param name="name">For messages.</param>
    internal Area(IReadOnlyList<Geometry> polygons, string name)
    {
        this.name = name;
        this.polygons = [.. polygons.Select(p => (p.EnvelopeInternal, new IndexedPointInAreaLocator(p)))];
        squareDegrees = polygons.Sum(p => p.Area * Elementary.Cos(double.DegreesToRadians(p.EnvelopeInternal.Centre.Y)));
    }

    /// <summary>The same, with latitude and longitude taken for each other: to see whether somebody did.</summary>
    public bool ContainsExchanged(LatLng position) => Math.Abs(position.LongitudeDegrees) <= 90 && Contains(new(position.LongitudeDegrees, position.LatitudeDegrees));

    public bool Contains(LatLng position) => polygons.Any(p =>
        IsIn(p, position.LongitudeDegrees, position.LatitudeDegrees) || IsIn(p, position.LongitudeDegrees + 360, position.LatitudeDegrees) || IsIn(p, position.LongitudeDegrees - 360, position.LatitudeDegrees));

    /// <summary>The cells whose centre lies inside, in the order of their indices.</summary>
    /// <exception cref="ArgumentException">They are more than <see cref="CellsMax"/>; says how many about, and which resolution would do.</exception>
    public IReadOnlyList<CellId> Cells(int resolution)
    {
        if (About(resolution) > CellsMax)
        {
            var enough = Enumerable.Range(0, resolution).Reverse().First(r => r == 0 || About(r) <= CellsMax);
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{name} has about {About(resolution):#,0} cells of resolution {resolution}, more than {CellsMax:#,0}: choose resolution {enough} or less, or a smaller area"));
        }
        var cells = new SortedSet<CellId>();
        foreach (var (bounds, _) in polygons)
        {
            // A third of the distance between neighbours: no cell slips between.
            var step = Spacing(H3.LatLngToCell(new((bounds.MinY + bounds.MaxY) / 2, (bounds.MinX + bounds.MaxX) / 2), resolution)) / SamplesPerCell;
            var across = step / Math.Max(0.01, Elementary.Cos(double.DegreesToRadians(Math.Max(Math.Abs(bounds.MinY), Math.Abs(bounds.MaxY)))));
            for (var latitude = bounds.MinY - step; latitude <= bounds.MaxY + step; latitude += step)
                for (var longitude = bounds.MinX - across; longitude <= bounds.MaxX + across; longitude += across)
                    if (Math.Abs(latitude) <= 90) cells.Add(H3.LatLngToCell(new(latitude, longitude), resolution));
        }
        return [.. cells.Where(c => Contains(H3.CellToLatLng(c)))];
    }

    private static bool IsIn((Envelope Bounds, IndexedPointInAreaLocator Inside) polygon, double longitude, double latitude) =>
        polygon.Bounds.Contains(longitude, latitude) && polygon.Inside.Locate(new Coordinate(longitude, latitude)) != Location.Exterior;

    /// <summary>From the centre of a cell to that of a neighbour, in degrees of a great circle.</summary>
    private static double Spacing(CellId cell)
    {
        var (here, there) = (H3.CellToLatLng(cell), H3.CellToLatLng(H3.Neighbours(cell)[0]));
        var north = there.LatitudeDegrees - here.LatitudeDegrees;
        var east = Math.IEEERemainder(there.LongitudeDegrees - here.LongitudeDegrees, 360) * Elementary.Cos(double.DegreesToRadians(here.LatitudeDegrees));
        return Math.Sqrt(north * north + east * east);
    }

    /// <summary>From the share of the sphere; H3 has 2 + 120 * 7^r cells of resolution r.</summary>
    private double About(int resolution)
    {
        var cells = 120.0;
        for (var r = 0; r < resolution; r++) cells *= 7;
        const double sphere = 360 * 360 / Math.PI;
        return cells * squareDegrees / sphere;
    }
}
