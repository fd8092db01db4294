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
        (Cells, RadiusMax) = (cells, radiusMax);
        var index = cells.Select((cell, i) => (cell, i)).ToDictionary(c => c.cell, c => c.i);
        (members, within) = (new int[cells.Count][], new int[cells.Count][]);
        for (var centre = 0; centre < cells.Count; centre++)
        {
            var found = new List<int>();
            within[centre] = [.. H3.GridRings(cells[centre], radiusMax).Select(ring =>
            {
                found.AddRange(ring.Where(index.ContainsKey).Select(c => index[c]));
                return found.Count;
            })];
            members[centre] = [.. found];
        }
    }

    public IReadOnlyList<CellId> Cells { get; }
    public int RadiusMax { get; }

    /// <summary>Cells at just this distance.</summary>
    public ReadOnlySpan<int> Ring(int centre, int radius) => members[centre].AsSpan((radius == 0 ? 0 : within[centre][radius - 1])..within[centre][radius]);

    /// <summary>Cells within a distance, ring by ring from the inside.</summary>
    public ReadOnlySpan<int> Disk(int centre, int radius) => members[centre].AsSpan(0, within[centre][radius]);
}
