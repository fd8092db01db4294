using CitySafeSense.Numerics;

namespace CitySafeSense.Hotspots;

/// <summary>Degrees, WGS84 latitude and longitude taken as spherical, as H3 does.</summary>
public readonly record struct LatLng(double LatitudeDegrees, double LongitudeDegrees);

/// <summary>
/// Uber's hexagonal grid: positions to cells, cells to positions, neighbourhoods. An icosahedron is unfolded, each face
/// carries a hexagonal grid (gnomonic projection), each resolution is seven times finer and turned by 19.1 degrees.
/// At its twelve corners the cells are pentagons.
/// </summary>
/// <seealso href="https://h3geo.org/docs/core-library/overview"/>
public static partial class H3
{
    private static readonly double TurnOfOddGrid = Elementary.Asin(Math.Sqrt(3.0 / 28));
    private static readonly double PlaneUnitAtResolution0 = (3 - Math.Sqrt(5)) / 2;
    private static readonly double Sqrt7 = Math.Sqrt(7);

    private readonly record struct FaceCoordinate(int Face, HexCoordinate Hex);

    /// <summary>The cell of resolution 0 to 15 that contains a position.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not a position on Earth, or no such resolution.</exception>
    public static CellId LatLngToCell(LatLng position, int resolution)
    {
        RequireResolution(resolution);
        if (!(Math.Abs(position.LatitudeDegrees) <= 90) || !(Math.Abs(position.LongitudeDegrees) <= 360))
            throw new ArgumentOutOfRangeException(nameof(position), position, "a latitude of -90 to 90 and a longitude of -360 to 360 degrees is needed");
        var p = UnitVector.Of(position);
        var face = NearestFace(p);
        var centre = UnitVector.OfFace(face);
        var angle = Elementary.Acos(Math.Clamp(1 - UnitVector.DistanceSquared(centre, p) / 2, -1, 1));
        double x = 0, y = 0;
        if (angle > 1e-16)
        {
            var theta = H3Tables.FaceAxisAzimuth[face] - centre.AzimuthTo(p) - (resolution % 2 == 1 ? TurnOfOddGrid : 0);
            var radius = Elementary.Tan(angle) / PlaneUnitAtResolution0;
            for (var r = 0; r < resolution; r++) radius *= Sqrt7;
            (x, y) = (radius * Elementary.Cos(theta), radius * Elementary.Sin(theta));
        }
        return ToCell(new(face, HexCoordinate.FromPlane(x, y)), resolution);
    }

    /// <summary>The centre of a cell.</summary>
    public static LatLng CellToLatLng(CellId cell)
    {
        RequireCell(cell);
        var at = ToFace(cell);
        var (x, y) = at.Hex.ToPlane();
        return OnSphere(at.Face, x, y, cell.Resolution);
    }

    public static bool IsPentagonBaseCell(int baseCell) => PentagonEntry(baseCell) >= 0;

    /// <summary>From a point of a face's plane, in cells of a resolution.</summary>
    private static LatLng OnSphere(int face, double x, double y, int resolution)
    {
        var radius = Math.Sqrt(x * x + y * y);
        var centre = UnitVector.OfFace(face);
        if (radius < 1e-16) return centre.ToLatLng();
        var theta = Elementary.Atan2(y, x) + (resolution % 2 == 1 ? TurnOfOddGrid : 0);
        for (var r = 0; r < resolution; r++) radius /= Sqrt7;
        return centre.Towards(H3Tables.FaceAxisAzimuth[face] - theta, Elementary.Atan(radius * PlaneUnitAtResolution0)).ToLatLng();
    }

    /// <summary>From a face's grid to an index: coarser step by step, each step's remainder a digit, then into the base cell's own orientation.</summary>
    private static CellId ToCell(FaceCoordinate at, int resolution)
    {
        var cell = CellId.Create(resolution, 0);
        var hex = at.Hex;
        for (var r = resolution; r >= 1; r--)
        {
            var odd = r % 2 == 1;
            var coarse = hex.Up(odd);
            cell = cell.WithDigit(r, (hex - coarse.Down(odd)).ToDigit());
            hex = coarse;
        }
        var corner = 27 * at.Face + 9 * hex.I + 3 * hex.J + hex.K;
        var baseCell = H3Tables.BaseCellAt[corner];
        var turns = H3Tables.BaseCellTurns[corner];
        cell = cell.WithBaseCell(baseCell);
        var pentagon = PentagonEntry(baseCell);
        if (pentagon < 0)
        {
            for (var turn = 0; turn < turns; turn++) cell = Turned(cell, counterClockwise: true);
            return cell;
        }
        if (LeadingDigit(cell) == 1)
        {
            var clockwise = H3Tables.Pentagons[pentagon + 1] == at.Face || H3Tables.Pentagons[pentagon + 2] == at.Face;
            cell = Turned(cell, counterClockwise: !clockwise);
        }
        for (var turn = 0; turn < turns; turn++) cell = TurnedAroundPentagon(cell);
        return cell;
    }

    /// <summary>From an index to the grid of the face its centre lies on.</summary>
    private static FaceCoordinate ToFace(CellId cell)
    {
        var pentagon = IsPentagonBaseCell(cell.BaseCell);
        if (pentagon && LeadingDigit(cell) == 5) cell = Turned(cell, counterClockwise: false);
        var home = H3Tables.BaseCellHome.Slice(4 * cell.BaseCell, 4);
        var hex = new HexCoordinate(home[1], home[2], home[3]);
        for (var r = 1; r <= cell.Resolution; r++) hex = hex.Down(r % 2 == 1) + HexCoordinate.OfDigit(cell.Digit(r));

        return Folded(new(home[0], hex), cell.Resolution, pentagon && LeadingDigit(cell) == 4);
    }

    /// <summary>On the face that it lies on, where it lies beyond its own.</summary>
    private static FaceCoordinate Folded(FaceCoordinate at, int resolution, bool aroundMissingSequence = false)
    {
        // Whether it lies beyond its face is asked on an even grid, whose axes are the face's.
        var odd = resolution % 2 == 1;
        var even = odd ? at with { Hex = at.Hex.Down(false) } : at;
        var unit = UnitOf(odd ? resolution + 1 : resolution);
        if (!Unfold(ref even, unit, aroundMissingSequence)) return at;
        while (Unfold(ref even, unit)) { }
        return odd ? even with { Hex = even.Hex.Up(false) } : even;
    }

    /// <summary>Half the distance from a face's centre to its corners, in cells of an even resolution.</summary>
    private static int UnitOf(int evenResolution)
    {
        var unit = 1;
        for (var r = 0; r < evenResolution; r += 2) unit *= 7;
        return unit;
    }

    /// <summary>If a coordinate lies beyond its face, expresses it on the face next to it.</summary>
    private static bool Unfold(ref FaceCoordinate at, int unit, bool aroundMissingSequence = false)
    {
        var (face, hex) = (at.Face, at.Hex);
        if (hex.I + hex.J + hex.K <= 2 * unit) return false;
        var quadrant = hex.K == 0 ? 1 : hex.J > 0 ? 3 : 2;
        if (quadrant == 2 && aroundMissingSequence)
        {
            var corner = new HexCoordinate(2 * unit, 0, 0);
            hex = (hex - corner).TurnedClockwise() + corner;
        }
        at = Across(new(face, hex), quadrant, unit);
        return true;
    }

    /// <summary>The same point in the coordinates of the face in a quadrant: 1 beyond the edge between i and j, 2 between k and i, 3 between j and k.</summary>
    private static FaceCoordinate Across(FaceCoordinate at, int quadrant, int unit)
    {
        var neighbour = H3Tables.FaceNeighbour.Slice(20 * at.Face + 5 * quadrant, 5);
        var hex = at.Hex;
        for (var turn = 0; turn < neighbour[4]; turn++) hex = hex.TurnedCounterClockwise();
        return new(neighbour[0], hex + new HexCoordinate(neighbour[1], neighbour[2], neighbour[3]) * unit);
    }

    /// <summary>A point of a face next to this one in this one's coordinates; nothing where the two have no edge in common.</summary>
    private static HexCoordinate? OnPlaneOf(int face, FaceCoordinate at, int unit)
    {
        if (at.Face == face) return at.Hex;
        for (var quadrant = 1; quadrant <= 3; quadrant++)
            if (H3Tables.FaceNeighbour[20 * at.Face + 5 * quadrant] == face) return Across(at, quadrant, unit).Hex;
        return null;
    }

    private static CellId Turned(CellId cell, bool counterClockwise)
    {
        for (var r = 1; r <= cell.Resolution; r++) cell = cell.WithDigit(r, TurnedDigit(cell.Digit(r), counterClockwise));
        return cell;
    }

    /// <summary>A turn of 60 degrees around a pentagon, which has no sequence 1: what would land there goes one further.</summary>
    private static CellId TurnedAroundPentagon(CellId cell)
    {
        var turned = Turned(cell, counterClockwise: true);
        return LeadingDigit(turned) == 1 ? Turned(turned, counterClockwise: true) : turned;
    }

    private static int TurnedDigit(int digit, bool counterClockwise)
    {
        ReadOnlySpan<byte> left = [0, 5, 3, 1, 6, 4, 2];
        ReadOnlySpan<byte> right = [0, 3, 6, 2, 5, 1, 4];
        return counterClockwise ? left[digit] : right[digit];
    }

    private static int LeadingDigit(CellId cell)
    {
        for (var r = 1; r <= cell.Resolution; r++)
            if (cell.Digit(r) is not 0 and var digit) return digit;
        return 0;
    }

    private static int NearestFace(UnitVector p)
    {
        var (nearest, distance) = (0, double.MaxValue);
        for (var face = 0; face < 20; face++)
            if (UnitVector.DistanceSquared(UnitVector.OfFace(face), p) is var d && d < distance) (nearest, distance) = (face, d);
        return nearest;
    }

    private static int PentagonEntry(int baseCell)
    {
        var table = H3Tables.Pentagons;
        for (var i = 0; i < table.Length; i += 3)
            if (table[i] == baseCell) return i;
        return -1;
    }

    private static bool IsPentagon(CellId cell) => LeadingDigit(cell) == 0 && IsPentagonBaseCell(cell.BaseCell);

    private static void RequireCell(CellId cell)
    {
        if (!cell.IsValid) throw new ArgumentException($"{cell} is not an H3 cell");
    }

    private static void RequireResolution(int resolution)
    {
        if (resolution is < 0 or > CellId.MaxResolution) throw new ArgumentOutOfRangeException(nameof(resolution), resolution, "H3 has resolutions 0 to 15");
    }
}
