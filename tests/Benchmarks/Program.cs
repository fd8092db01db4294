using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using CitySafeSense.Benchmarks.Actors;
using CitySafeSense.Benchmarks.Federation;
using CitySafeSense.Benchmarks.Hotspots;
using CitySafeSense.Benchmarks.Ingest;
using CitySafeSense.Benchmarks.Learning;

// bench NAME [--json] [--runs N]: called by ./citysafe bench. Exit code 1 if a goal is missed.
const string Use = """
    Measure ours beside a peer, on the same work, in one run.

      citysafe bench actors [--json] [--runs N]      the embedded actor host beside Microsoft Orleans
      citysafe bench learning [--json] [--runs N]    training and inference beside PyTorch (where python3 has it) and ONNX Runtime
      citysafe bench federation [--json] [--runs N]  rounds of a thousand clients beside PyTorch, ten thousand devices with models of their own, sums
      citysafe bench ingest [--json] [--runs N]      from device to cell over MQTT: devices, broker and silo on this machine, a model on every window
      citysafe bench hotspots [--json] [--runs N]    a bin of five thousand cells, a space-time scan of two thousand
      citysafe bench rooms [--json] [--runs N]       a frame scored, a round of two hundred rooms

    Rows: what, ours, theirs, the ratio, and the goal for it. A row without a goal only informs.
    Exit codes: 0 every goal met, 1 one missed, 2 misused.
    """;
switch (args)
{
    case ["measure", "learning"]:
        Console.WriteLine(LearningMeasures.All().ToJsonString());
        return 0;
    case ["measure", "onnx"]:
        Console.WriteLine(OnnxMeasures.All().ToJsonString());
        return 0;
    case ["measure", "rounds", var threads]:
        Console.WriteLine(LearningMeasures.RoundsOn(int.Parse(threads, CultureInfo.InvariantCulture)).ToJsonString());
        return 0;
    case ["measure", "clients", var clients, var threads]:
        Console.WriteLine(FederationMeasures.ClientLoop(int.Parse(clients, CultureInfo.InvariantCulture), int.Parse(threads, CultureInfo.InvariantCulture)).ToJsonString());
        return 0;
    case ["measure", "sums"]:
        Console.WriteLine(FederationMeasures.Sums().ToJsonString());
        return 0;
#if !ORLEANS
    case ["measure", "devices", var strategy, var codec]:
        Console.WriteLine((await DeviceMeasures.Round(strategy, codec)).ToJsonString());
        return 0;
#endif
    case ["measure", var measurement]:
        Console.WriteLine((await Measurement.Take(measurement, Environment.GetEnvironmentVariable("CITYSAFE_BENCH_PLACE"))).ToJsonString());
        return 0;
    case ["actors", .. var options] when Runs(options) is { } runs:
        return Report(await new ActorBenchmark(runs).Run(), options);
    case ["learning", .. var options] when Runs(options) is { } runs:
        return Report(await new LearningBenchmark(runs).Run(), options);
    case ["federation", .. var options] when Runs(options) is { } runs:
        return Report(await new FederationBenchmark(runs).Run(), options);
    case ["ingest", .. var options] when Runs(options) is { } runs:
        return Report(await new IngestBenchmark(runs).Run(), options);
    case ["hotspots", .. var options] when Runs(options) is { } runs:
        return Report(new HotspotsBenchmark(runs).Run(), options);
#if !ORLEANS
    case ["rooms", .. var options] when Runs(options) is { } runs:
        return Report(await new CitySafeSense.Benchmarks.Rooms.RoomsBenchmark(runs).Run(), options);
#endif
    case ["--help"] or ["-h"]:
        Console.WriteLine(Use);
        return 0;
    default:
        Console.Error.WriteLine(Use);
        return 2;
}

static int Report(JsonObject answer, string[] options)
{
    if (options.Contains("--json")) Console.WriteLine(answer.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
    else foreach (var row in answer["rows"]!.AsArray()) Print((JsonObject)row!);
    return answer["rows"]!.AsArray().All(r => Met((JsonObject)r!)) ? 0 : 1;
}

static int? Runs(string[] options)
{
    var rest = options.Where(o => o != "--json").ToArray();
    if (rest is []) return 3;
    return rest is ["--runs", var n] && int.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out var runs) && runs is >= 1 and <= 100 ? runs : null;
}

static bool Met(JsonObject row)
{
    if (row["goal"] is not { } goal) return true;
    if (row["peer"] is not null && row["ratio"] is null && row["reference"] is null) return true;
    var value = row["peer"] is null ? (double)row["ours"]! : (double?)row["ratio"] ?? (double)row["ours"]! / (double)row["reference"]!;
    return (string)row["better"]! == "higher" ? value >= (double)goal : value <= (double)goal;
}

static void Print(JsonObject row) => Console.WriteLine(string.Create(
    CultureInfo.InvariantCulture,
    $"{(string)row["name"]!,-58} {(double)row["ours"]!,14:N1} {(string)row["unit"]!,-14} theirs {(row["theirs"] is { } t ? ((double)t).ToString("N1", CultureInfo.InvariantCulture) : "-"),12}  ratio {row["ratio"]?.ToString() ?? "-",8}  goal {row["goal"]?.ToString() ?? "-",10}  {(Met(row) ? "" : "MISSED")}"));
