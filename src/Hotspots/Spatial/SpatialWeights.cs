using CitySafeSense.Numerics;

namespace CitySafeSense.Hotspots;

/// <summary>Who counts as near whom, and how much: a sparse matrix without a diagonal.</summary>
/// <param name="Rows">For each place those near it, by index.</param>
public sealed record SpatialWeights(IReadOnlyList<(int Place, double Weight)[]> Rows)
{
    public int Count => Rows.Count;

    /// <summary>Sum of all weights.</summary>
    public double Total => Rows.Sum(r => r.Sum(n => n.Weight));

    /// <summary>1 between points at most so far apart.</summary>
    public static SpatialWeights WithinDistance(IReadOnlyList<(double X, double Y)> points, double distance) => Of(points.Count, i =>
        Enumerable.Range(0, points.Count).Where(j => j != i && Elementary.Power(points[i].X - points[j].X, 2) + Elementary.Power(points[i].Y - points[j].Y, 2) <= distance * distance));

    /// <summary>1 between squares of a lattice that share a side, row by row.</summary>
    public static SpatialWeights Rook(int rows, int columns) => Of(rows * columns, i =>
    {
        var (row, column) = (i / columns, i % columns);
        return new[] { (row - 1, column), (row, column - 1), (row, column + 1), (row + 1, column) }
            .Where(p => p.Item1 >= 0 && p.Item1 < rows && p.Item2 >= 0 && p.Item2 < columns).Select(p => p.Item1 * columns + p.Item2);
    });

    /// <summary>1 between cells at most so many steps apart.</summary>
    public static SpatialWeights WithinSteps(IReadOnlyList<CellId> cells, int steps) => WithinSteps(new ScanZones(cells, steps), steps);

    /// <summary>The same, where who lies around whom is known already.</summary>
    public static SpatialWeights WithinSteps(ScanZones zones, int steps) => Of(zones.Cells.Count, i => zones.Disk(i, steps)[1..].ToArray());

    /// <summary>Each row divided by its sum.</summary>
    public SpatialWeights RowStandardised() => new([.. Rows.Select(row =>
    {
        var sum = row.Sum(n => n.Weight);
        return row.Select(n => (n.Place, n.Weight / sum)).ToArray();
    })]);

    private static SpatialWeights Of(int count, Func<int, IEnumerable<int>> near) => new([.. Enumerable.Range(0, count).Select(i => near(i).Select(j => (j, 1.0)).ToArray())]);
}
