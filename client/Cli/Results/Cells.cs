using System.Globalization;
using System.Text.Json.Nodes;

namespace CitySafeSense.Cli.Results;

/// <summary>Numbers of an answer as cells of a table.</summary>
internal static class Cells
{
    /// <summary>A share in percent, one decimal.</summary>
    public static string Percent(JsonNode? share) => share is null ? "-" : Percent((double)share);

    public static string Percent(double share) => (100 * share).ToString("F1", CultureInfo.InvariantCulture);

    public static string Number(JsonNode? value, string format = "F3") => value is null ? "-" : Number((double)value, format);

    public static string Number(double value, string format = "F3") => value.ToString(format, CultureInfo.InvariantCulture);

    /// <summary>A mean with its interval, two decimals.</summary>
    public static string Interval(JsonNode? figure) =>
        figure is null ? "-" : string.Create(CultureInfo.InvariantCulture, $"{(double)figure["mean"]!:F2} ({(double)figure["low"]!:F2} to {(double)figure["high"]!:F2})");

    /// <summary>A difference of shares with its interval, in points, signed.</summary>
    public static string Points(JsonNode? difference) => difference is null ? "-" : string.Create(CultureInfo.InvariantCulture,
        $"{100 * (double)difference["mean"]!:+0.0;-0.0;0.0} ({100 * (double)difference["low"]!:F1} to {100 * (double)difference["high"]!:F1})");

    public static double Mean(IEnumerable<JsonNode?> values) => values.Average(v => (double)v!);
}
