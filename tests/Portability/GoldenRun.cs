using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CitySafeSense.Numerics;
using CitySafeSense.Science;

namespace CitySafeSense.Portability;

/// <summary>A run of the program whose whole answer, but for times, is the same on every processor.</summary>
/// <param name="Data">The recordings that it needs, which are not part of the repository, or null.</param>
/// <param name="Arguments">DATA stands for the folder of recordings.</param>
/// <param name="Table">What of the answer is recorded for people beside its hash.</param>
public sealed record GoldenRun(string Name, string? Data, string Arguments, Func<JsonNode, IEnumerable<KeyValuePair<string, string>>> Table)
{
    private const string Strategies = "fedavg,fedavg-ft,fedprox,scaffold,fedavgm,fedadam,fedyogi,fedbuff,ditto,fedala,fedala-channel,local,central";

    public static IReadOnlyList<GoldenRun> All { get; } =
    [
        new("HAPT", "hapt_50hz.npz", $"simulate fl --data DATA/hapt_50hz.npz --rounds 3 --seed 1 --strategy {Strategies} --json", OfStrategies),
        new("MNIST", "mnist_dir01_20clients.npz",
            $"simulate fl --data DATA/mnist_dir01_20clients.npz --model mlp --init DATA/mnist_mlp_init.npz --rounds 3 --seed 0 --judge on-receipt --strategy {Strategies} --json", OfStrategies),
        new("simulated people", null, "simulate fl --clients 8 --windows 40 --rounds 3 --seed 1 --strategy fedavg,fedala,local --json", OfStrategies),
        new("rooms", "rooms_gmdcsa24.npz", "simulate rooms --data DATA/rooms_gmdcsa24.npz --seeds 1 --rounds 3 --seed 1 --json", OfRooms),
        new("city of flows", null, "simulate city --warmup-days 14 --days 3 --cells 200 --incidents 12 --seed 3 --json", OfFlows),
    ];

    /// <summary>The folder of the recordings, or null where they are absent.</summary>
    public string? DataFolder => Data is null ? "" : Path.GetDirectoryName(RecordingsFactAttribute.Find(Data));

    /// <summary>Runs it and hashes what it prints.</summary>
    /// <param name="variables">NAME=VALUE, of the environment.</param>
    /// <exception cref="InvalidOperationException">The program failed; says with what.</exception>
    public async Task<(string Hash, JsonObject Table)> Run(string program, params IEnumerable<string> variables)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetTempPath() };
        foreach (var argument in Arguments.Split(' ')) start.ArgumentList.Add(argument.Replace("DATA", DataFolder, StringComparison.Ordinal));
        foreach (var variable in variables) start.Environment[variable.Split('=', 2)[0]] = variable.Split('=', 2)[1];
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) throw new InvalidOperationException($"citysafe {Arguments} exited with {process.ExitCode}: {await error}");
        var answer = JsonNode.Parse(output)!;
        RemoveTimes(answer);
        var hash = StableHash.Of(Encoding.UTF8.GetBytes(answer.ToJsonString())).ToString("x16", CultureInfo.InvariantCulture);
        return (hash, new JsonObject(Table(answer).Select(cell => KeyValuePair.Create(cell.Key, (JsonNode?)cell.Value))));
    }

    /// <summary>Fields whose names contain "second" may differ between runs of one seed; nothing else may.</summary>
    private static void RemoveTimes(JsonNode? node)
    {
        if (node is JsonArray array)
            foreach (var element in array) RemoveTimes(element);
        if (node is not JsonObject fields) return;
        foreach (var name in fields.Select(f => f.Key).ToArray())
            if (name.Contains("second", StringComparison.Ordinal)) fields.Remove(name);
            else RemoveTimes(fields[name]);
    }

    private static IEnumerable<KeyValuePair<string, string>> OfStrategies(JsonNode answer) => answer["runs"]!.AsArray().Select(run => Cell(
        run!["strategy"]!, $"used {Percent(run["final"]!["accuracy"])}, after a step {Percent(run["final"]!["trained"]!["accuracy"])}, model {((string)run["final"]!["model"]!)[..16]}"));

    private static IEnumerable<KeyValuePair<string, string>> OfRooms(JsonNode answer) => answer["strategies"]!.AsObject().Select(strategy =>
        KeyValuePair.Create(strategy.Key, $"frame AUROC {strategy.Value!["pooled"]!["frame_auroc"]!["mean"]}, clip AUROC {strategy.Value["pooled"]!["clip_auroc"]!["mean"]}"));

    private static IEnumerable<KeyValuePair<string, string>> OfFlows(JsonNode answer) => answer["exact"]!["detectors"]!.AsObject().Select(detector =>
        KeyValuePair.Create(detector.Key, $"recall {detector.Value!["recall"]!["share"]}, precision {detector.Value["precision"]!["share"]}, {detector.Value["alarms"]} alarms"));

    private static KeyValuePair<string, string> Cell(JsonNode name, string value) => new((string)name!, value);

    private static string Percent(JsonNode? share) => (100 * (double)share!).ToString("F2", CultureInfo.InvariantCulture);
}
