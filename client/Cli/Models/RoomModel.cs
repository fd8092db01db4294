using System.Text.Json;
using System.Text.Json.Nodes;
using CitySafeSense.Cli.Terminal;
using CitySafeSense.Learning;

namespace CitySafeSense.Cli.Models;

/// <summary>What rooms have learned together, in a folder: room.json says what it is and where it comes from, weights.bin is float32.</summary>
internal sealed record RoomModel(Autoencoder Kind, ParameterVector Weights)
{
    private const int Format = 1;
    private const string Card = "room.json", Values = "weights.bin";

    /// <param name="source">What it was trained on.</param>
    public void Save(DirectoryInfo folder, string source)
    {
        folder.Create();
        TrainedModel.Write(folder, Values, Weights.ToBytes());
        var card = new JsonObject
        {
            ["format"] = Format,
            ["model"] = Kind.Name,
            ["weights_sha256"] = Weights.Hash,
            ["trained_on"] = source,
            ["terms"] = "the terms of the recordings it was trained on are those of the model",
        };
        TrainedModel.Write(folder, Card, JsonSerializer.SerializeToUtf8Bytes(card, Output.Indented)); // last: with it the folder is a model
    }

    /// <exception cref="InvalidDataException">The folder holds no model, or a damaged one; says which file and why.</exception>
    public static RoomModel Load(DirectoryInfo folder)
    {
        var path = Path.Combine(folder.FullName, Card);
        if (!File.Exists(path)) throw new InvalidDataException($"{folder.FullName} holds no {Card}: `citysafe simulate rooms --out {folder.Name}` makes one");
        try
        {
            var card = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
            if ((int)card["format"]! != Format) throw new InvalidDataException($"{path} has format {card["format"]}; this program knows {Format}");
            var kind = Autoencoders.Named((string)card["model"]!);
            var weights = ParameterVector.FromBytes(File.ReadAllBytes(Path.Combine(folder.FullName, Values)));
            if (weights.Hash != (string)card["weights_sha256"]! || weights.Length != kind.Build(kind.Size).Layout.Length) throw new InvalidDataException($"{folder.FullName}: {Values} does not belong to {Card}; make it again");
            return new(kind, weights);
        }
        catch (Exception e) when (e is JsonException or NullReferenceException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new InvalidDataException($"{path} and {Values} beside it are no model of rooms ({(e is NullReferenceException ? "something is missing" : e.Message)}); make it again", e);
        }
    }
}
