using System.Globalization;

namespace CitySafeSense.Federation;

/// <summary>
/// An aggregation by name, as people and messages give it. Rules that look at one coordinate after the other mix the updates
/// first (<see cref="NeighbourMixing"/>), because clients differ; with ":unmixed" they do not.
/// </summary>
public sealed record AggregationRule
{
    public const string Names = "mean, median, trimmed:SHARE, krum:LIARS, multi-krum:LIARS, shard-median";
    private const string Unmixed = "unmixed";
    private readonly IRobustRule? robust;

    private AggregationRule(string name, IRobustRule? robust) => (Name, this.robust) = (name, robust);

    public static AggregationRule Mean { get; } = new("mean", null);

    /// <summary>With its parameter, as <see cref="Parse"/> takes it.</summary>
    public string Name { get; }

    /// <summary>What it is called in the table of what goes together.</summary>
    public string Kind => Name.Split(':')[0];

    /// <exception cref="ArgumentException">There is no such rule, or its parameter is out of range.</exception>
    public static AggregationRule Parse(string text)
    {
        var parts = text.Split(':');
        return (parts[0], parts.Length) switch
        {
            ("mean", 1) => Mean,
            ("shard-median", 1) => new(text, null),
            ("median", 1) => new(text, new NeighbourMixing(TrimmedMean.Median, n => (n - 1) / 2)),
            ("median", 2) when parts[1] == Unmixed => new(text, TrimmedMean.Median),
            ("trimmed", 2 or 3) when Share(parts[1]) is { } share && (parts.Length == 2 || parts[2] == Unmixed) =>
                new(text, parts.Length == 2 ? new NeighbourMixing(new TrimmedMean(share), n => (int)(share * n)) : new TrimmedMean(share)),
            ("krum" or "multi-krum", 2) when int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var liars) && liars <= GatheredAggregation.UpdatesMax => new(text, new Krum(liars, parts[0] == "multi-krum")),
            _ => throw new ArgumentException($"\"{text}\" is no aggregation; choose from {Names} (a share is 0 to below 0.5, liars are 0 or more; median and trimmed with \":{Unmixed}\" do not mix neighbours first)"),
        };
    }

    private static double? Share(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var share) && share is >= 0 and < 0.5 ? share : null;

    /// <summary>Fewer updates the rule cannot do with.</summary>
    public int UpdatesMin => robust is Krum krum ? krum.UpdatesMin : 1;

    /// <param name="expected">Updates that are invited.</param>
    public Aggregation Create(int length, double normMax, int expected) =>
        robust is not null ? new GatheredAggregation(robust, length, normMax, expected)
        : this == Mean ? new MeanAggregation(length, normMax)
        : new ShardMedianAggregation(length, normMax);
}
