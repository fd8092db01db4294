using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace CitySafeSense.Silo.Api;

/// <summary>What is wrong with a body, in words of the API: the serialiser's own name types of this program.</summary>
internal static partial class JsonMistakes
{
    public static string Explain(JsonException exception)
    {
        var place = exception.Path is { } path and not "$" ? $" at {path}" : "";
        var line = exception.LineNumber is { } number ? string.Create(CultureInfo.InvariantCulture, $", line {number + 1}") : "";
        return $"the body is not the JSON that is needed{place}{line}: {Reason(exception.Message)}";
    }

    /// <summary>Of a parameter in the path or the query; its name without its type.</summary>
    public static string ExplainParameter(string message) => message.Contains("no body was provided", StringComparison.Ordinal) ? "a body of JSON is needed" : UnboundParameter().Match(message) is { Success: true } unbound
        ? $"{unbound.Groups[1].Value}: \"{unbound.Groups[2].Value}\" is a value of another type or range than is needed" : TypeBeforeName().Replace(message, "\"$1\"");

    private static string Reason(string message) =>
        MissingProperties().Match(message) is { Success: true } missing ? $"{missing.Groups[1].Value} is missing"
        : UnmappedProperty().Match(message) is { Success: true } unknown ? $"there is no '{unknown.Groups[1].Value}'"
        : message.Contains("doesn't allow", StringComparison.Ordinal) ? "it must not be null"
        : message.Contains("could not be converted", StringComparison.Ordinal) ? "a value of another type or range is needed"
        : PlaceInMessage().Replace(message, "");

    [GeneratedRegex(@"missing required properties including: (.*?)\.?(?: Path:|$)")]
    private static partial Regex MissingProperties();

    [GeneratedRegex(@"The JSON property '(.*?)' could not be mapped")]
    private static partial Regex UnmappedProperty();

    [GeneratedRegex(@"\.? (?:Path|LineNumber):.*$")]
    private static partial Regex PlaceInMessage();

    [GeneratedRegex("Failed to bind parameter \"(?:[^\" ]+ )?([^\" ]+)\" from \"(.*?)\"")]
    private static partial Regex UnboundParameter();

    [GeneratedRegex("\"[^\" ]+ ([^\" ]+)\"")]
    private static partial Regex TypeBeforeName();
}
