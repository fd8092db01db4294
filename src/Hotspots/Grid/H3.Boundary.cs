using CitySafeSense.Numerics;

namespace CitySafeSense.Hotspots;

/// <summary>The outline of a cell.</summary>
public static partial class H3
{
    /// <summary>The corners of the hexagon around the origin, counter-clockwise, on a grid three times finer.</summary>
    private static readonly HexCoordinate[] corners = [new(2, 1, 0), new(1, 2, 0), new(0, 2, 1), new(0, 1, 2), new(1, 0, 2), new(2, 0, 1)];

    /// <summary>
    /// The corners of a cell, counter-clockwise: six, or five of a pentagon. At odd resolutions a side that goes over an edge of
    /// the icosahedron is bent there, and has one corner more.
    /// </summary>
    public static IReadOnlyList<LatLng> CellToBoundary(CellId cell)
    {
        RequireCell(cell);
        var (at, odd) = (ToFace(cell), cell.Resolution % 2 == 1);
        var even = odd ? cell.Resolution + 1 : cell.Resolution;
        var unit = 3 * UnitOf(even);
        var outline = new List<LatLng>(10);
        FaceCoordinate[] folded = [.. corners.Take(IsPentagon(cell) ? 5 : 6).Select(corner =>
        {
            var fine = at.Hex * 3 + corner;
            var point = at with { Hex = odd ? fine.Down(false) : fine };
            while (Unfold(ref point, unit)) { }
            return point;
        })];
        for (var i = 0; i < folded.Length; i++)
        {
            var (x, y) = folded[i].Hex.ToPlane();
            outline.Add(OnSphere(folded[i].Face, x / 3, y / 3, even));
            if (odd && Bend(folded[i], folded[(i + 1) % folded.Length], unit) is { } bend) outline.Add(OnSphere(folded[i].Face, bend.X / 3, bend.Y / 3, even));
        }
        return outline;
    }

    /// <summary>Where the side between two corners goes over an edge of the icosahedron, on the plane of the first; nothing where it does not, or a corner lies on it.</summary>
    private static (double X, double Y)? Bend(FaceCoordinate first, FaceCoordinate second, int unit)
    {
        if (first.Face == second.Face || OnPlaneOf(first.Face, second, unit) is not { } beyond) return null;
        var ((x0, y0), (x1, y1)) = (first.Hex.ToPlane(), beyond.ToPlane());
        for (var axis = 0; axis < 3; axis++)
        {
            // The edge opposite to an axis lies at -unit along it.
            var (sin, cos) = Elementary.SinCos(2 * Math.PI / 3 * axis);
            var (d0, d1) = (-(x0 * cos + y0 * sin) - unit, -(x1 * cos + y1 * sin) - unit);
            if (d0 >= -1e-6 || d1 <= 1e-6) continue;
            var share = d0 / (d0 - d1);
            return (x0 + share * (x1 - x0), y0 + share * (y1 - y0));
        }
        return null;
    }
}
