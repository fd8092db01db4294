namespace CitySafeSense.Hotspots;

/// <summary>
/// How far a cell's share of incident windows lies above its region's: (observed - expected) / sqrt(expected + 1), expected =
/// the cell's windows times the region's share. The one keeps a cell with hardly any windows from scoring high by one of them.
/// </summary>
public static class IncidentScore
{
    public static double Of(int incidents, int windows, long regionIncidents, long regionWindows)
    {
        if (windows == 0 || regionWindows == 0) return 0;
        var expected = windows * (regionIncidents / (double)regionWindows);
        return (incidents - expected) / Math.Sqrt(expected + 1);
    }
}
