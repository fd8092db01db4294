namespace CitySafeSense.Cli.Terminal;

/// <summary>A row of numbers as a row of bars, from nothing to the largest.</summary>
internal static class Sparkline
{
    private const string Bars = "▁▂▃▄▅▆▇█";

    public static string Of(IReadOnlyCollection<double> values)
    {
        var largest = values.Count == 0 ? 0 : values.Max();
        return string.Concat(values.Select(v => Bars[largest <= 0 ? 0 : (int)Math.Round(Math.Clamp(v / largest, 0, 1) * (Bars.Length - 1))]));
    }
}
