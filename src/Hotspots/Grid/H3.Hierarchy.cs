namespace CitySafeSense.Hotspots;

/// <summary>What a cell is divided into; <see cref="CellId.Parent"/> is the way back.</summary>
public static partial class H3
{
    private const int MaxChildLevels = 7;

    /// <summary>The cells of a finer resolution whose ancestor a cell is: seven for each level, six of a pentagon.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The resolution is coarser, or more than seven levels finer.</exception>
    public static IEnumerable<CellId> Children(CellId cell, int resolution)
    {
        RequireCell(cell);
        if (resolution < cell.Resolution || resolution > Math.Min(CellId.MaxResolution, cell.Resolution + MaxChildLevels))
            throw new ArgumentOutOfRangeException(nameof(resolution), resolution, $"children of a cell of resolution {cell.Resolution} have that to {Math.Min(CellId.MaxResolution, cell.Resolution + MaxChildLevels)}");
        IEnumerable<CellId> level = [cell];
        for (var r = cell.Resolution + 1; r <= resolution; r++)
        {
            var finer = r;
            level = level.SelectMany(parent => Enumerable.Range(0, 7).Where(digit => digit != 1 || !IsPentagon(parent)).Select(digit => parent.Finer(finer, digit)));
        }
        return level;
    }
}
