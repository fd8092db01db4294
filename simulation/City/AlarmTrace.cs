namespace CitySafeSense.City;

/// <summary>What a detector said of a city: every score that may be an alarm. From it come the alarms at any threshold.</summary>
public sealed class AlarmTrace(double floor, IReadOnlyList<int[]> neighbours)
{
    /// <summary>Half an hour: alarms so near in time, in a cell or beside it, are of one cause.</summary>
    private const int NearBins = 6;

    private readonly List<(int Bin, int Cell, float Score)> scores = [];

    /// <summary>Called bin by bin.</summary>
    public void Add(int bin, ReadOnlySpan<double> of)
    {
        for (var cell = 0; cell < of.Length; cell++)
            if (of[cell] >= floor) scores.Add((bin, cell, (float)of[cell]));
    }

    /// <summary>Alarms at a threshold, those of one cause together; each as the cells and bins that are in it, the first first.</summary>
    public IReadOnlyList<IReadOnlyList<(int Bin, int Cell)>> Alarms(double threshold)
    {
        var (causes, last) = (new List<List<(int Bin, int Cell)>>(), new Dictionary<int, (int Bin, List<(int, int)> Cause)>());
        foreach (var (bin, cell, score) in scores)
        {
            if (score < threshold) continue;
            var cause = neighbours[cell].Prepend(cell).Select(c => last.TryGetValue(c, out var l) && bin - l.Bin <= NearBins ? l.Cause : null).FirstOrDefault(c => c is not null);
            if (cause is null) causes.Add(cause = []);
            cause.Add((bin, cell));
            last[cell] = (bin, cause);
        }
        return causes;
    }
}
