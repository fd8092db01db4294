namespace CitySafeSense.Hotspots;

/// <summary>Ways of seeing that a cell is out of the ordinary.</summary>
public enum FlowDetector
{
    /// <summary>One bin's residual over its deviation.</summary>
    ZScore,

    /// <summary>The rarest of the last one to six bins together, as over-dispersed counts.</summary>
    Window,
    Ewma,
    Cusum,
    PageHinkley,

    /// <summary>Getis-Ord G* of half an hour's residuals.</summary>
    GetisOrd,

    /// <summary>As Window, beside what goes on in the city and around the cell: what all see is weather, what neighbours see is an event.</summary>
    Combined,
}

/// <summary>Why a cell is out of the ordinary.</summary>
/// <param name="Bins">Since when, in bins.</param>
public readonly record struct FlowExplanation(double Score, int Bins, double Observed, double Expected);

/// <summary>
/// Watches the cells of a city, bin by bin: learns what is usual in each hour of the week, and scores what is not. Scores are in
/// standard deviations of a normal value. A cell is judged from the second time on that an hour of the week comes round.
/// Pure: the same counts give the same scores.
/// </summary>
public sealed partial class FlowMonitor
{
    public const int SpanMax = 6;
    private const int WeekMinutes = FlowBaseline.Hours * 60;
    private const double AroundPrior = 5000, CityPrior = 100, CityShare = 0.5, ShorterMalus = 0.3, AreaOrdinary = 2, FalseDiscoveries = 0.05;
    private readonly List<WatchedCell> watched = [];
    private readonly int binMinutes;
    private ScanZones zones = new([], 2);
    private int[][] around = [];
    private SpatialWeights beside = SpatialWeights.WithinSteps(new ScanZones([], 2), 1);
    private double[] residuals = [];
    private FlowExplanation[] explanations = [], silences = [];
    private double[][] scores = [];
    private double cityRatio = 1;
    private int hourBins;

    /// <param name="cells">Of one resolution, each once.</param>
    /// <param name="binMinutes">Divides an hour.</param>
    /// <param name="firstBin">The first that will be observed; bin 0 begins a week.</param>
    public FlowMonitor(IReadOnlyList<CellId> cells, int binMinutes = 5, long firstBin = 0)
    {
        if (binMinutes < 1 || 60 % binMinutes != 0) throw new ArgumentException($"bins of {binMinutes} minutes do not divide an hour");
        (this.binMinutes, NextBin) = (binMinutes, firstBin);
        Extend(cells);
    }

    public IReadOnlyList<CellId> Cells => zones.Cells;

    public long NextBin { get; private set; }

    public ReadOnlySpan<double> Scores(FlowDetector detector) => scores[(int)detector];

    /// <summary>What the combined score stands on.</summary>
    public FlowExplanation Explain(int cell) => explanations[cell];

    /// <summary>How far out of the ordinary it is that nothing is shown of a cell; a score of 0 where something is.</summary>
    public FlowExplanation Silence(int cell) => silences[cell];

    public CellHours HoursOf(int cell) => watched[cell].Hours;

    /// <summary>Whether it has been seen at this hour of the week before, so that it can be judged.</summary>
    public bool Knows(int cell, long bin) => watched[cell].Baseline.Knows((int)(MinuteOf(bin) / 60));

    /// <summary>Watches more cells; those that were watched keep their places.</summary>
    public void Extend(IReadOnlyCollection<CellId> more)
    {
        foreach (var _ in more) watched.Add(new WatchedCell(new FlowBaseline()));
        Lay([.. Cells, .. more]);
    }

    /// <summary>Takes in the next bin.</summary>
    /// <param name="counts">Of each cell; below zero where it is not known.</param>
    /// <param name="detects">False while it only learns: scores stay as they were.</param>
    /// <param name="shown">The fewest that are shown: of a cell that is not known there were fewer. 0 where unknown says nothing.</param>
    public void Observe(ReadOnlySpan<int> counts, bool detects, int shown = 0)
    {
        var (slot, minute, seen, usual) = ((int)(NextBin % SpanMax), MinuteOf(NextBin), 0.0, 0.0);
        var hourOfWeek = (int)(minute / 60);
        for (var i = 0; i < watched.Count; i++)
        {
            var (cell, isKnown, mean) = (watched[i], counts[i] >= 0, Expected(i, hourOfWeek, minute));
            var isJudged = isKnown && cell.Baseline.Knows(hourOfWeek);
            (cell.Observed[slot], cell.Expected[slot]) = isJudged ? (counts[i], (float)mean) : (0, 0);
            if (isKnown || shown > 0) cell.Hear(isKnown ? counts[i] : Unknown(cell, hourOfWeek, mean, shown));
            (seen, usual) = (seen + (isJudged ? counts[i] : 0), usual + (isJudged ? mean : 0));
            var isSilent = !isKnown && shown > 0 && cell.Baseline.Knows(hourOfWeek);
            (cell.SilentBins, cell.SilentExpected) = isSilent ? (cell.SilentBins + 1, cell.SilentExpected + (float)(mean * Math.Min(1, cityRatio))) : (0, 0);
            cell.HourExpected += (float)(mean * cityRatio);
        }
        cityRatio += CityShare * ((seen + CityPrior) / (usual + CityPrior) - cityRatio);
        foreach (var cell in watched) (cell.HalfObserved, cell.HalfExpected) = (Sum(cell.Observed), Sum(cell.Expected));
        if (detects) Score(slot, shown);
        for (var i = 0; i < watched.Count; i++)
        {
            var cell = watched[i];
            if (counts[i] >= 0) cell.Baseline.Scatter(counts[i], cell.Expected[slot] * cityRatio, cell.HalfObserved, cell.HalfExpected * cityRatio);
        }
        hourBins++;
        if ((NextBin + 1) % (60 / binMinutes) == 0) EndHour(hourOfWeek);
        NextBin++;
    }

    /// <summary>Goes on at a later bin after a time of which nothing is known.</summary>
    public void SkipTo(long bin)
    {
        if (bin < NextBin) throw new ArgumentException($"bin {bin} is over; the next is {NextBin}");
        foreach (var cell in watched)
        {
            Array.Clear(cell.Observed);
            Array.Clear(cell.Expected);
            (cell.HourObserved, cell.HourHeard, cell.HourExpected, cell.SilentBins, cell.SilentExpected) = (0, 0, 0, 0, 0);
        }
        (NextBin, cityRatio) = (bin, 1);
        hourBins = 0;
    }

    /// <summary>What is usual now; while the cell's hour is young, nearer to what its neighbours' week would make of it.</summary>
    private double Expected(int i, int hourOfWeek, long minute)
    {
        var baseline = watched[i].Baseline;
        var own = baseline.Expected(minute + binMinutes / 2.0);
        if (!baseline.IsYoung(hourOfWeek)) return own;
        var (shape, neighbours) = (0.0, 0);
        foreach (var (near, _) in beside.Rows[i])
            if (watched[near].Baseline.ShapeAt(hourOfWeek) is { } like) (shape, neighbours) = (shape + like, neighbours + 1);
        return neighbours == 0 ? own : baseline.Towards(baseline.Level * shape / neighbours, own, hourOfWeek);
    }

    /// <summary>What a bin is taken for in the baseline of which only that is known that there were too few to be shown.</summary>
    private static double Unknown(WatchedCell cell, int hourOfWeek, double mean, int shown) => cell.Baseline.Knows(hourOfWeek) ? Math.Min(mean, shown / 2.0) : shown / 2.0;

    private long MinuteOf(long bin) => bin * binMinutes % WeekMinutes;

    private static double Sum(float[] values)
    {
        var sum = 0.0;
        foreach (var value in values) sum += value;
        return sum;
    }
}
