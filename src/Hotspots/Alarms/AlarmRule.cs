namespace CitySafeSense.Hotspots;

/// <summary>When to raise an alarm, and when to let it go.</summary>
/// <param name="Kinds">Of anomalies it is about.</param>
/// <param name="Raise">From this score on it rises; <paramref name="Clear"/>: below this one it falls. Between them it stays as it is.</param>
/// <param name="RaiseBins">Bins in a row at or above <paramref name="Raise"/>.</param>
/// <param name="ClearBins">Bins in a row below <paramref name="Clear"/>.</param>
/// <param name="CoolDownMinutes">After it has cleared the cell raises none for so long.</param>
public sealed record AlarmRule(string Name, IReadOnlyList<AnomalyKind> Kinds, double Raise, double Clear, int RaiseBins = 1, int ClearBins = 3, int CoolDownMinutes = 60)
{
    public const int NameLength = 64;

    /// <exception cref="ArgumentException">Names the rule, the field and what it may be.</exception>
    public void Validate()
    {
        if (string.IsNullOrWhiteSpace(Name) || Name.Length > NameLength || Name.Any(char.IsControl)) throw new ArgumentException($"a rule has a name of 1 to {NameLength} characters");
        if (Kinds.Count == 0 || Kinds.Any(k => k == AnomalyKind.None || !Enum.IsDefined(k)) || Kinds.Distinct().Count() != Kinds.Count) throw new ArgumentException($"rule \"{Name}\": kinds are crowd, silence, incidents, each at most once");
        if (!double.IsFinite(Raise) || Raise is <= 0 or > 1000) throw new ArgumentException($"rule \"{Name}\": raise must be above 0 and at most 1000");
        if (!double.IsFinite(Clear) || Clear < 0 || Clear > Raise) throw new ArgumentException($"rule \"{Name}\": clear must be 0 to raise ({Raise})");
        if (RaiseBins is < 1 or > 288 || ClearBins is < 1 or > 288) throw new ArgumentException($"rule \"{Name}\": raise_bins and clear_bins must be 1 to 288");
        if (CoolDownMinutes is < 0 or > 10_080) throw new ArgumentException($"rule \"{Name}\": cool_down_minutes must be 0 to 10080, a week");
    }
}
