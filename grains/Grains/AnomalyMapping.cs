using System.Text.Json;
using CitySafeSense.Contracts;
using CitySafeSense.Hotspots;
using CitySafeSense.Sensing;

namespace CitySafeSense.Grains;

/// <summary>What is out of the ordinary, as messages say it and as the science does.</summary>
internal static class AnomalyMapping
{
    public static ReleasedFlow ToScience(ReleasedCell cell) => new(
        CellId.Parse(cell.Cell), cell.NoisyDevices is { } noisy ? (int)Math.Round(noisy) : cell.Contributors,
        ActivityClasses.IncidentsIn(cell.Windows), cell.ExpectedIncidents, cell.Score);

    public static Anomaly ToContract(CellAnomaly anomaly) => new(
        anomaly.Cell.ToString(), Word(anomaly.Kind), anomaly.Score, anomaly.Observed, anomaly.Expected, anomaly.SinceUnixSeconds, Word(anomaly.Emerging));

    public static CellAnomaly ToScience(Anomaly anomaly) => new(
        CellId.Parse(anomaly.Cell), KindOf(anomaly.Kind), anomaly.Score, anomaly.Observed, anomaly.Expected, anomaly.Since, Find<EmergingClass>(anomaly.Emerging) ?? EmergingClass.None);

    public static AlarmView ToContract(Alarm alarm) => new(
        alarm.Number, alarm.Rule, [.. alarm.Cells.Select(c => c.ToString())], Word(alarm.Kind), Word(alarm.State), alarm.Score, alarm.Observed, alarm.Expected, alarm.Since, alarm.Opened,
        alarm.Acknowledged, alarm.AcknowledgedBy, alarm.Cleared);

    public static RuleView ToContract(AlarmRule rule) => new(rule.Name, [.. rule.Kinds.Select(Word)], rule.Raise, rule.Clear, rule.RaiseBins, rule.ClearBins, rule.CoolDownMinutes);

    /// <exception cref="ArgumentException">A kind is none.</exception>
    public static AlarmRule ToScience(RuleView rule) => new(rule.Name, [.. rule.Kinds.Select(KindOf)], rule.Raise, rule.Clear, rule.RaiseBins, rule.ClearBins, rule.CoolDownMinutes);

    private static AnomalyKind KindOf(string word) => Find<AnomalyKind>(word) ?? throw new ArgumentException($"\"{word}\" is no kind of anomaly: crowd, silence and incidents are");

    private static string Word<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    private static T? Find<T>(string word)
        where T : struct, Enum
    {
        foreach (var value in Enum.GetValues<T>())
            if (Word(value) == word) return value;
        return null;
    }
}
