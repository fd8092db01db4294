namespace CitySafeSense.Hotspots;

/// <summary>
/// The alarms of a city: opens, widens and clears them by rules as anomalies come bin by bin, and notes who has seen them. A bin that
/// comes again changes nothing. It sees anomalies only, and those are made of what was released: whoever watches its alarms learns nothing else.
/// </summary>
public sealed partial class AlarmBook
{
    /// <summary>Alarms that are kept; cleared ones go first, and while as many are active no more are opened.</summary>
    public const int AlarmsKept = 2048;

    public const int RulesMax = 32, CellsPerAlarm = 64, ByLength = 64;

    private readonly List<Alarm> alarms = [];
    private readonly Dictionary<(string Rule, CellId Cell), Streak> streaks = [];
    private List<AlarmRule> rules;
    private int next = 1;

    public AlarmBook(IReadOnlyList<AlarmRule> rules) => this.rules = [.. rules];

    public IReadOnlyList<AlarmRule> Rules => rules;

    /// <summary>Newest first.</summary>
    public IEnumerable<Alarm> Alarms => alarms.AsEnumerable().Reverse();

    /// <summary>The bin that was judged last; Unix seconds of its start.</summary>
    public long Judged { get; private set; } = long.MinValue;

    /// <summary>Alarms that were not opened, because too many are active.</summary>
    public long Unopened { get; private set; }

    /// <summary>In place of the rules there are; alarms of rules that are gone clear with the next bin.</summary>
    /// <exception cref="ArgumentException">A rule is not in order, or two have one name.</exception>
    public void Follow(IReadOnlyList<AlarmRule> instead)
    {
        if (instead.Count > RulesMax) throw new ArgumentException($"{instead.Count} rules; a city follows at most {RulesMax}");
        foreach (var rule in instead) rule.Validate();
        if (instead.GroupBy(r => r.Name).FirstOrDefault(g => g.Count() > 1) is { } twice) throw new ArgumentException($"two rules are named \"{twice.Key}\"");
        rules = [.. instead];
    }

    /// <summary>Takes in a bin's anomalies.</summary>
    /// <param name="nowUnixSeconds">When they are known: the end of the bin.</param>
    /// <returns>False if the bin was judged before.</returns>
    public bool Judge(long binUnixSeconds, long nowUnixSeconds, IReadOnlyCollection<CellAnomaly> anomalies)
    {
        if (binUnixSeconds <= Judged) return false;
        Judged = binUnixSeconds;
        foreach (var rule in rules) Judge(rule, nowUnixSeconds, anomalies.Where(a => rule.Kinds.Contains(a.Kind)).OrderByDescending(a => a.Score).DistinctBy(a => a.Cell).ToDictionary(a => a.Cell));
        foreach (var orphan in Active().Where(a => rules.All(r => r.Name != a.Rule)).ToArray()) Replace(orphan with { State = AlarmState.Cleared, Cleared = nowUnixSeconds });
        while (alarms.Count > AlarmsKept && alarms.FindIndex(a => a.State == AlarmState.Cleared) is >= 0 and var oldest) alarms.RemoveAt(oldest);
        return true;
    }

    /// <summary>Somebody has seen it.</summary>
    /// <exception cref="ArgumentException">There is no such alarm, it was acknowledged or has cleared, or nobody is named.</exception>
    public Alarm Acknowledge(int number, string by, long nowUnixSeconds)
    {
        if (string.IsNullOrWhiteSpace(by) || by.Length > ByLength || by.Any(char.IsControl)) throw new ArgumentException($"say who acknowledges it: a name of 1 to {ByLength} characters");
        if (alarms.FirstOrDefault(a => a.Number == number) is not { } alarm) throw new ArgumentException($"there is no alarm {number}");
        if (alarm.State != AlarmState.Open) throw new ArgumentException(alarm.State == AlarmState.Cleared ? $"alarm {number} has cleared" : $"alarm {number} was acknowledged by {alarm.AcknowledgedBy}");
        return Replace(alarm with { State = AlarmState.Acknowledged, Acknowledged = nowUnixSeconds, AcknowledgedBy = by });
    }

    private void Judge(AlarmRule rule, long now, Dictionary<CellId, CellAnomaly> anomalies)
    {
        double ScoreOf(CellId cell) => anomalies.TryGetValue(cell, out var anomaly) ? anomaly.Score : 0;
        foreach (var cell in anomalies.Keys.Concat(streaks.Keys.Where(s => s.Rule == rule.Name).Select(s => s.Cell)).Distinct().ToArray())
        {
            var streak = streaks.GetValueOrDefault((rule.Name, cell));
            streak = new(ScoreOf(cell) >= rule.Raise ? streak.Above + 1 : 0, ScoreOf(cell) < rule.Clear ? streak.Below + 1 : 0, streak.CoolUntil);
            streaks[(rule.Name, cell)] = streak;
        }
        foreach (var anomaly in anomalies.Values.OrderByDescending(a => a.Score).ThenBy(a => a.Cell))
            if (streaks[(rule.Name, anomaly.Cell)] is var streak && streak.Above >= rule.RaiseBins) Raise(rule, now, anomaly, streak.CoolUntil > now);
        foreach (var alarm in Active().Where(a => a.Rule == rule.Name && a.Cells.All(c => streaks.GetValueOrDefault((rule.Name, c)).Below >= rule.ClearBins)).ToArray())
        {
            Replace(alarm with { State = AlarmState.Cleared, Cleared = now });
            foreach (var cell in alarm.Cells) streaks[(rule.Name, cell)] = new(0, rule.ClearBins, now + 60L * rule.CoolDownMinutes);
        }
        foreach (var (key, _) in streaks.Where(s => s.Key.Rule == rule.Name && s.Value.Above == 0 && s.Value.Below > rule.ClearBins && s.Value.CoolUntil <= now).ToArray())
            if (!Active().Any(a => a.Rule == rule.Name && a.Cells.Contains(key.Cell))) streaks.Remove(key);
    }

    /// <summary>Opens an alarm, or widens the one that this cell or one beside it has: one cause is one alarm.</summary>
    private void Raise(AlarmRule rule, long now, CellAnomaly anomaly, bool cools)
    {
        var near = H3.GridDisk(anomaly.Cell, 1);
        if (Active().FirstOrDefault(a => a.Rule == rule.Name && a.Cells.Any(near.Contains)) is { } same)
        {
            var cells = same.Cells.Contains(anomaly.Cell) || same.Cells.Count >= CellsPerAlarm ? same.Cells : [.. same.Cells, anomaly.Cell];
            if (cells != same.Cells || anomaly.Score > same.Score) Replace(same with { Cells = cells, Score = Math.Max(same.Score, anomaly.Score) });
            return;
        }
        if (cools) return;
        if (Active().Count() >= AlarmsKept)
        {
            Unopened++;
            return;
        }
        alarms.Add(new(next++, rule.Name, [anomaly.Cell], anomaly.Kind, AlarmState.Open, anomaly.Score, anomaly.Observed, anomaly.Expected, anomaly.SinceUnixSeconds, now));
    }

    private IEnumerable<Alarm> Active() => alarms.Where(a => a.State != AlarmState.Cleared);

    private Alarm Replace(Alarm alarm)
    {
        alarms[alarms.FindIndex(a => a.Number == alarm.Number)] = alarm;
        return alarm;
    }

    /// <summary>How long a cell has been above or below, in bins, and until when it raises nothing.</summary>
    private readonly record struct Streak(int Above, int Below, long CoolUntil);
}
