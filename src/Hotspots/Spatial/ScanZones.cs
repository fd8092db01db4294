namespace CitySafeSense.Hotspots;

/// <summary>The disks of a scan: every cell as a centre, with the cells of every ring around it. Made once for an area.</summary>
public sealed class ScanZones
{
    /// <summary>For each centre the cells around it, ring by ring, by index.</summary>
    private readonly int[][] members;

    /// <summary>For each centre how many of them lie within each radius.</summary>
    private readonly int[][] within;

    /// <param name="cells">Of one resolution, each once.</param>
    public ScanZones(IReadOnlyList<CellId> cells, int radiusMax)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(radiusMax);
        (Cells, RadiusMax) = (cells, radiusMax);
        var index = cells.Select((cell, i) => (cell, i)).ToDictionary(c => c.cell, c => c.i);
        (members, within) = (new int[cells.Count][], new int[cells.Count][]);
        for (var centre = 0; centre < cells.Count; centre++)
        {
            var (found, counts, ring) = (new List<int> { centre }, new int[radiusMax + 1], new List<CellId> { cells[centre] });
            var seen = new HashSet<CellId>(ring);
            counts[0] = 1;
            for (var radius = 1; radius <= radiusMax; radius++)
            {
                ring = [.. ring.SelectMany(H3.Neighbours).Where(seen.Add)];
                found.AddRange(ring.Where(index.ContainsKey).Select(c => index[c]));
                counts[radius] = found.Count;
            }
            (members[centre], within[centre]) = ([.. found], counts);
        }
    }

    public IReadOnlyList<CellId> Cells { get; }
    public int RadiusMax { get; }

    /// <summary>Cells at just this distance.</summary>
    internal ReadOnlySpan<int> Ring(int centre, int radius) => members[centre].AsSpan((radius == 0 ? 0 : within[centre][radius - 1])..within[centre][radius]);

    /// <summary>The cells of the area beside one, by index.</summary>
    public ReadOnlySpan<int> Around(int centre) => Ring(centre, 1);

    internal ReadOnlySpan<int> Disk(int centre, int radius) => members[centre].AsSpan(0, within[centre][radius]);
}
