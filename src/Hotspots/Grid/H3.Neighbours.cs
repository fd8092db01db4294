namespace CitySafeSense.Hotspots;

/// <summary>Who lies beside whom, and how far apart. A step is taken on the plane of the face that a cell lies on, and what comes to lie beyond that face is folded onto the next.</summary>
public static partial class H3
{
    private const int MaxDiskRadius = 64, SearchedMax = 200_000, BaseCells = 122;

    /// <summary>The cells beside a cell: six, or five of a pentagon.</summary>
    public static IReadOnlyList<CellId> Neighbours(CellId cell)
    {
        RequireCell(cell);
        if (!IsPentagon(cell)) return [.. Enumerable.Range(1, 6).Select(digit => Step(cell, digit))];
        // Around a pentagon lie the other children of its parent; only the coarsest have no parent.
        return cell.Resolution > 0 ? [.. Enumerable.Range(2, 5).Select(digit => cell.WithDigit(cell.Resolution, digit))] : NearestBaseCells(cell);
    }

    /// <summary>The cell itself and all within k steps, ring by ring from the inside.</summary>
    public static IReadOnlyList<CellId> GridDisk(CellId origin, int k) => [.. GridRings(origin, k).SelectMany(ring => ring)];

    /// <summary>The cell itself, those beside it, those beside these, and so on to k steps.</summary>
    public static IReadOnlyList<IReadOnlyList<CellId>> GridRings(CellId origin, int k)
    {
        RequireCell(origin);
        if (k is < 0 or > MaxDiskRadius) throw new ArgumentOutOfRangeException(nameof(k), k, $"a disk has a radius of 0 to {MaxDiskRadius} cells");
        var (rings, seen) = (new List<IReadOnlyList<CellId>>(k + 1) { new[] { origin } }, new HashSet<CellId> { origin });
        while (rings.Count <= k) rings.Add([.. rings[^1].SelectMany(Neighbours).Where(seen.Add)]);
        return rings;
    }

    /// <summary>Steps from one cell to another of the same resolution.</summary>
    /// <exception cref="ArgumentException">The cells are of two resolutions, or so far apart, beyond several faces, that nobody has counted.</exception>
    public static int GridDistance(CellId from, CellId to)
    {
        RequireCell(from);
        RequireCell(to);
        if (from.Resolution != to.Resolution) throw new ArgumentException($"{from} has resolution {from.Resolution} and {to} {to.Resolution}: steps are counted between cells of one");
        // Two faces with an edge in common are one plane, and convex: nothing is nearer on another way.
        var (a, b) = (ToFace(from), ToFace(to));
        if (a.Face == b.Face) return (b.Hex - a.Hex).Length;
        var odd = from.Resolution % 2 == 1;
        if (odd) b = b with { Hex = b.Hex.Down(false) };
        if (OnPlaneOf(a.Face, b, UnitOf(odd ? from.Resolution + 1 : from.Resolution)) is { } hex) return ((odd ? hex.Up(false) : hex) - a.Hex).Length;
        return Search(from, to);
    }

    /// <summary>The cell in the direction of a digit, of one that is no pentagon.</summary>
    private static CellId Step(CellId cell, int digit)
    {
        var at = ToFace(cell);
        return ToCell(Folded(at with { Hex = at.Hex + HexCoordinate.OfDigit(digit) }, cell.Resolution), cell.Resolution);
    }

    private static CellId[] NearestBaseCells(CellId pentagon)
    {
        var centre = UnitVector.Of(CellToLatLng(pentagon));
        return [.. Enumerable.Range(0, BaseCells).Where(b => b != pentagon.BaseCell).Select(b => CellId.Create(0, b)).OrderBy(c => UnitVector.DistanceSquared(centre, UnitVector.Of(CellToLatLng(c)))).Take(5)];
    }

    /// <summary>Ring by ring from both ends until they meet.</summary>
    private static int Search(CellId from, CellId to)
    {
        var (near, far) = (new HashSet<CellId> { from }, new HashSet<CellId> { to });
        var (nearRing, farRing) = (near.ToArray(), far.ToArray());
        for (var steps = 1; near.Count + far.Count <= SearchedMax; steps++)
        {
            nearRing = [.. nearRing.SelectMany(Neighbours).Where(near.Add)];
            if (nearRing.Any(far.Contains)) return steps;
            (near, far, nearRing, farRing) = (far, near, farRing, nearRing);
        }
        throw new ArgumentException($"{from} and {to} are too far apart for their steps to be counted: choose a coarser resolution");
    }
}
