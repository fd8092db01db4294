using System.Text.Json;
using System.Text.Json.Nodes;
using CitySafeSense.Cli.Terminal;
using CitySafeSense.Learning;
using CitySafeSense.Sensing;

namespace CitySafeSense.Cli.Models;

/// <summary>A trained model in a folder: model.json says what it is and where it comes from, weights.bin is float32, summary.txt is for people.</summary>
internal sealed record TrainedModel(Network Network, ParameterVector Weights, ChannelScaling Scaling, IReadOnlyList<string> Classes, JsonObject Card)
{
    private const int Format = 1;

    public static Shape Input { get; } = new(WindowSchema.Default.NetworkChannels, 1, WindowSchema.Default.Samples);

    public static Option<DirectoryInfo> FolderOption() => new("--model") { Description = "Folder that `train` has written.", Required = true };

    /// <summary>Finds a kind of model: by its name, or as ASSEMBLY.dll:CLASS where it is a user's own.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static IModelFamily Family(string name) => Found.Class<IModelFamily>(name) ?? ModelCatalogue.Named(name);

    /// <summary>Settings as key=value.</summary>
    public static IReadOnlyDictionary<string, string> Settings(IEnumerable<string> pairs) => pairs.Select(p => p.Split('=', 2)).GroupBy(p => p[0]).Select(g => g.Count() == 1 ? g.Single() : throw new ArgumentException($"--set {g.Key} is given twice")).ToDictionary(
        p => p[0], p => p.Length == 2 ? p[1] : throw new ArgumentException($"--set {p[0]}: key=value is needed"));

    public void Save(DirectoryInfo folder)
    {
        folder.Create();
        Write(folder, "weights.bin", Weights.ToBytes());
        Write(folder, "summary.txt", System.Text.Encoding.UTF8.GetBytes(ArchitectureSummary.Of(Network).ToString()));
        Write(folder, "model.json", JsonSerializer.SerializeToUtf8Bytes(Card, Output.Indented)); // last: with it the folder is a model
    }

    public static JsonObject CardOf(string family, IReadOnlyDictionary<string, string> settings, Network network, ParameterVector weights, ChannelScaling scaling, IReadOnlyList<string> classes, string source, JsonObject training) => new()
    {
        ["format"] = Format,
        ["model"] = family,
        ["settings"] = new JsonObject(settings.Select(s => KeyValuePair.Create(s.Key, (JsonNode?)s.Value))),
        ["classes"] = new JsonArray([.. classes.Select(c => JsonValue.Create(c))]),
        ["scaling"] = new JsonObject { ["centre"] = Numbers(scaling.Centre), ["scale"] = Numbers(scaling.Scale) },
        ["weights_sha256"] = weights.Hash,
        ["trained_on"] = source,
        ["terms"] = "the terms of the recordings it was trained on are those of the model",
        ["training"] = training,
        ["architecture"] = new JsonObject
        {
            ["parameters"] = network.Layout.Length,
            ["operations"] = network.ForwardOperations,
            ["layers"] = new JsonArray([.. ArchitectureSummary.Of(network).Layers.Select(l => new JsonObject
            {
                ["name"] = l.Name,
                ["kind"] = l.Kind,
                ["output"] = l.Shape.ToString(),
                ["parameters"] = l.Parameters,
                ["operations"] = l.Operations,
            })]),
        },
    };

    /// <exception cref="InvalidDataException">The folder holds no model, or a damaged one; says which file and why.</exception>
    public static TrainedModel Load(DirectoryInfo folder)
    {
        var path = Path.Combine(folder.FullName, "model.json");
        if (!File.Exists(path)) throw new InvalidDataException($"{folder.FullName} holds no model.json: `citysafe train --out {folder.Name}` makes a model");
        try
        {
            var card = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
            if ((int)card["format"]! != Format) throw new InvalidDataException($"{path} has format {card["format"]}; this program knows {Format}");
            string[] classes = [.. card["classes"]!.AsArray().Select(c => (string)c!)];
            var settings = card["settings"]!.AsObject().ToDictionary(s => s.Key, s => (string)s.Value!);
            var network = Family((string)card["model"]!).Build(new ModelRequest(Input, classes.Length, settings));
            if (network.Outputs != classes.Length || network.InputLength != Input.Length) throw new InvalidDataException($"{path}: {network.Name} makes {network.Outputs} outputs of {network.InputLength} values, not {classes.Length} of {Input.Length}");
            var scaling = new ChannelScaling(Numbers(card["scaling"]!["centre"]!), Numbers(card["scaling"]!["scale"]!));
            if (scaling.Centre.Length != WindowSchema.Default.Channels.Count || scaling.Scale.Length != WindowSchema.Default.Channels.Count || !scaling.Centre.All(float.IsFinite) || !scaling.Scale.All(s => float.IsFinite(s) && s > 0))
                throw new InvalidDataException($"{path}: \"scaling\" is {WindowSchema.Default.Channels.Count} numbers and as many above 0");
            var weights = ParameterVector.FromBytes(File.ReadAllBytes(Path.Combine(folder.FullName, "weights.bin")));
            if (weights.Hash != (string)card["weights_sha256"]! || weights.Length != network.Layout.Length)
                throw new InvalidDataException($"{folder.FullName}: weights.bin does not belong to model.json; train again");
            return new(network, weights, scaling, classes, card);
        }
        catch (Exception e) when (e is JsonException or NullReferenceException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new InvalidDataException($"{path} and weights.bin beside it are no model ({(e is NullReferenceException ? "something is missing" : e.Message)}); train again", e);
        }
    }

    private static JsonArray Numbers(float[] values) => new([.. values.Select(v => JsonValue.Create(v))]);

    private static float[] Numbers(JsonNode node) => [.. node.AsArray().Select(v => (float)v!)];

    /// <summary>Beside and then renamed: nobody ever finds half a file.</summary>
    internal static void Write(DirectoryInfo folder, string name, byte[] bytes)
    {
        var path = Path.Combine(folder.FullName, name);
        File.WriteAllBytes(path + ".partial", bytes);
        File.Move(path + ".partial", path, overwrite: true);
    }
}
