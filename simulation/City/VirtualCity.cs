using CitySafeSense.Hotspots;
using CitySafeSense.Numerics;

namespace CitySafeSense.City;

/// <summary>The centre of a virtual Sao Paulo: up to 60 hexagons around the Praca da Se, more visited in the middle than at the rim.</summary>
public sealed class VirtualCity
{
    public const int MaxCells = 60;
    public const int CellResolution = 9;
    private const double MetresPerDegree = 111_200;
    private readonly double[] attraction;
    private readonly HashSet<CellId> within;

    public VirtualCity(int cells)
    {
        if (cells is < 1 or > MaxCells) throw new ArgumentOutOfRangeException(nameof(cells), cells, $"a virtual city has 1 to {MaxCells} cells");
        Cells = [.. H3.GridDisk(H3.LatLngToCell(Centre, CellResolution), 4).Take(cells)];
        within = [.. Cells];
        Centres = [.. Cells.Select(H3.CellToLatLng)];
        attraction = [.. Centres.Select(c => Elementary.Exp(-DistanceMetres(c, Centre) / 700))];
    }

    public static LatLng Centre { get; } = new(-23.5505, -46.6333);

    public IReadOnlyList<CellId> Cells { get; }
    public IReadOnlyList<LatLng> Centres { get; }

    public bool Contains(CellId cell) => within.Contains(cell);

    /// <summary>Somewhere people go: a cell drawn by its attraction, a place within it.</summary>
    public LatLng DrawPlace(Rng rng)
    {
        var u = rng.NextDouble() * attraction.Sum();
        var i = 0;
        while (i < attraction.Length - 1 && (u -= attraction[i]) >= 0) i++;
        return Move(Centres[i], rng.Uniform(-90, 90), rng.Uniform(-90, 90));
    }

    public static LatLng Move(LatLng from, double eastMetres, double northMetres) => new(
        from.LatitudeDegrees + northMetres / MetresPerDegree,
        from.LongitudeDegrees + eastMetres / (MetresPerDegree * Elementary.Cos(double.DegreesToRadians(from.LatitudeDegrees))));

    /// <summary>East and north metres from one place to another; flat, which a city centre is.</summary>
    public static (double East, double North) Way(LatLng from, LatLng to) => (
        (to.LongitudeDegrees - from.LongitudeDegrees) * MetresPerDegree * Elementary.Cos(double.DegreesToRadians(from.LatitudeDegrees)),
        (to.LatitudeDegrees - from.LatitudeDegrees) * MetresPerDegree);

    public static double DistanceMetres(LatLng a, LatLng b)
    {
        var (east, north) = Way(a, b);
        return Math.Sqrt(east * east + north * north);
    }
}
