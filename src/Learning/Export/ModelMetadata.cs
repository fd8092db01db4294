using System.Globalization;

namespace CitySafeSense.Learning;

/// <summary>What a file says of the model in it.</summary>
internal static class ModelMetadata
{
    public static IEnumerable<KeyValuePair<string, string>> Of(Network network) =>
    [
        new("model", network.Name),
        new("parameters", network.Layout.Length.ToString(CultureInfo.InvariantCulture)),
        new("input", network.Nodes[0].Shape.ToString()),
    ];
}
