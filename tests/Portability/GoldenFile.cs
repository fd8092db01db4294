using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using CitySafeSense.Numerics;

namespace CitySafeSense.Portability;

/// <summary>
/// tests/Golden/runs.json: hashes and tables that every processor must reproduce, and for each time they were recorded the
/// reason. The last reason names the digest of what stands there, so that no number changes without one.
/// </summary>
public sealed class GoldenFile(JsonObject content)
{
    private static readonly JsonSerializerOptions layout = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public IReadOnlyDictionary<string, string> Hashes => content["hashes"]!.AsObject().ToDictionary(h => h.Key, h => (string)h.Value!);

    /// <summary>The digest of hashes and runs as they stand, and the one for which the last reason was given.</summary>
    public (string Actual, string Explained) Digests => (DigestOf(content), (string)content["changes"]!.AsArray()[^1]!["digest"]!);

    public static GoldenFile Read(string path) => new(JsonNode.Parse(File.ReadAllText(path))!.AsObject());

    public (string Hash, JsonObject Table) Run(string name) =>
        content["runs"]![name] is JsonObject run ? ((string)run["hash"]!, run["table"]!.AsObject()) : throw new KeyNotFoundException($"the run \"{name}\" is not recorded");

    /// <summary>Records what this machine makes.</summary>
    /// <param name="why">Why the numbers changed, in a sentence.</param>
    public static async Task Record(string path, string program, string why, string date)
    {
        var before = File.Exists(path) ? JsonNode.Parse(File.ReadAllText(path))!.AsObject() : new JsonObject { ["changes"] = new JsonArray(), ["runs"] = new JsonObject() };
        var runs = new JsonObject();
        foreach (var run in GoldenRun.All)
        {
            if (run.DataFolder is null)
            {
                Console.Error.WriteLine($"{run.Name}: {run.Data} is absent; what was recorded stays");
                if (before["runs"]![run.Name] is { } kept) runs[run.Name] = kept.DeepClone();
                continue;
            }
            Console.Error.WriteLine(run.Name);
            var (hash, table) = await run.Run(program);
            runs[run.Name] = new JsonObject { ["command"] = $"./citysafe {run.Arguments}", ["hash"] = hash, ["table"] = table };
        }
        var after = new JsonObject
        {
            ["changes"] = before["changes"]!.DeepClone(),
            ["hashes"] = new JsonObject(PortableHashes.All().Select(h => KeyValuePair.Create(h.Key, (JsonNode?)h.Value))),
            ["runs"] = runs,
        };
        after["changes"]!.AsArray().Add(new JsonObject { ["date"] = date, ["why"] = why, ["digest"] = DigestOf(after) });
        File.WriteAllText(path, after.ToJsonString(layout) + "\n");
    }

    private static string DigestOf(JsonObject content) =>
        StableHash.Of(Encoding.UTF8.GetBytes(content["hashes"]!.ToJsonString() + content["runs"]!.ToJsonString())).ToString("x16", CultureInfo.InvariantCulture);
}
