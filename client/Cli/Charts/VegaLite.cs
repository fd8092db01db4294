using System.Text.Json.Nodes;
using CitySafeSense.Cli.Terminal;

namespace CitySafeSense.Cli.Charts;

/// <summary>Charts as Vega-Lite specifications, which browsers and editors draw.</summary>
internal static class VegaLite
{
    /// <summary>What every chart begins with.</summary>
    public static JsonObject Chart(string title, IEnumerable<JsonObject> rows) => new()
    {
        ["$schema"] = "https://vega.github.io/schema/vega-lite/v6.json",
        ["title"] = title,
        ["data"] = new JsonObject { ["values"] = new JsonArray([.. rows]) },
    };

    public static JsonObject Field(string name, string type, string? title = null) => new() { ["field"] = name, ["type"] = type, ["title"] = title ?? name };

    public static void Write(DirectoryInfo folder, string name, JsonObject chart)
    {
        folder.Create();
        Write(new FileInfo(Path.Combine(folder.FullName, $"{name}.vl.json")), chart);
    }

    public static void Write(FileInfo file, JsonObject chart) => File.WriteAllText(file.FullName, chart.ToJsonString(Output.Indented));
}
