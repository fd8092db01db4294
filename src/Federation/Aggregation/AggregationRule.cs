using System.Globalization;

namespace CitySafeSense.Federation;

/// <summary>An aggregation by name, as people and messages give it: mean, median, trimmed:SHARE, krum:LIARS, multi-krum:LIARS.</summary>
public sealed record AggregationRule
{
    public const string Names = "mean, median, trimmed:SHARE, krum:LIARS, multi-krum:LIARS";
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
            ("median", 1) => new(text, TrimmedMean.Median),
            ("trimmed", 2) when double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out var share) && share is >= 0 and < 0.5 => new(text, new TrimmedMean(share)),
            ("krum" or "multi-krum", 2) when int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var liars) && liars <= GatheredAggregation.UpdatesMax => new(text, new Krum(liars, parts[0] == "multi-krum")),
            _ => throw new ArgumentException($"\"{text}\" is no aggregation; choose from {Names} (a share is 0 to below 0.5, liars are 0 or more)"),
        };
    }

    /// <param name="expected">Updates that are invited.</param>
    public Aggregation Create(int length, double normMax, int expected) =>
        robust is null ? new MeanAggregation(length, normMax) : new GatheredAggregation(robust, length, normMax, expected);
}
