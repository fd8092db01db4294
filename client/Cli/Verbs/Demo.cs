using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using CitySafeSense.Cli.Terminal;
using CitySafeSense.Sdk;
using CitySafeSense.Wire;
using Spectre.Console;

namespace CitySafeSense.Cli.Verbs;

/// <summary>`demo`: a silo, a load generator beside it, federated rounds meanwhile, and a table at the end. Everything is the real thing, only the people are not.</summary>
internal static class Demo
{
    private sealed record Plan(int Devices, double Minutes, double WindowsPerSecond, int MinimumRounds, int ClientsPerRound, string Strategy, ulong Seed);

    public static Command Command()
    {
        var devices = new Option<int>("--devices") { Description = "Virtual devices.", DefaultValueFactory = _ => 1000 };
        var minutes = new Option<double>("--minutes") { Description = "Minutes of the virtual city's own time.", DefaultValueFactory = _ => 30 };
        var rate = new Option<double>("--windows-per-second") { Description = "Upper bound in real time; 0 = as fast as they are taken.", DefaultValueFactory = _ => 450 };
        var rounds = new Option<int>("--rounds") { Description = "Federated rounds at least.", DefaultValueFactory = _ => 10 };
        var clients = new Option<int>("--clients") { Description = "Devices in a round.", DefaultValueFactory = _ => 60 };
        var strategy = new Option<string>("--strategy") { Description = "Federated strategy.", DefaultValueFactory = _ => "fedavg" };
        var (seed, json) = (Output.SeedOption(), Output.JsonOption());
        var command = new Command("demo", """
            The main job, from nothing: a silo starts, a separate process lives 1,000 virtual devices in the centre of a
            virtual Sao Paulo against it, devices learn together, something happens in one cell, a table says how it went.
            Runs with --privacy simulation; the table says how many cells production privacy would have shown.

            Example: citysafe demo --seed 2
            """) { devices, minutes, rate, rounds, clients, strategy, seed, json };
        command.SetAction(async (parse, cancellation) =>
        {
            var plan = new Plan(parse.GetValue(devices), parse.GetValue(minutes), parse.GetValue(rate), parse.GetValue(rounds), parse.GetValue(clients), parse.GetValue(strategy)!, parse.GetValue(seed));
            _ = Federation.Strategy.Named(plan.Strategy);
            if (plan.ClientsPerRound < 1 || plan.ClientsPerRound > plan.Devices) throw new ArgumentException("--clients must be 1 to the number of devices");
            if (plan.MinimumRounds is < 0 or > 1000) throw new ArgumentException("--rounds must be 0 to 1000");
            var answer = await Show(plan, cancellation);
            if (parse.GetValue(json)) Output.Json(answer);
            else Print(answer);
            return Run.Done;
        });
        return command;
    }

    private static async Task<JsonObject> Show(Plan plan, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        await using var silo = await SiloProcess.Start(new SiloLaunch(plan.Seed), cancellation);
        using var http = silo.Http();
        var client = new CitySafeClient(http, silo.OperatorToken);
        var health = await client.Health(cancellation);
        Output.Note($"silo ({health.Runtime} {health.RuntimeVersion}) at {silo.Address}: try curl {silo.Address}{Routes.Hotspots.TrimStart('/')} while this runs");

        var watch = new HotspotWatch();
        var (report, committed) = await Live(plan, silo, client, watch, cancellation);
        await watch.Look(client, cancellation);
        var judged = await DemoJudgement.Of(client, plan.Seed, plan.Devices, cancellation);
        var last = watch.Last!;
        return new JsonObject
        {
            ["privacy"] = "simulation",
            ["windows"] = (long)report["windows"]!,
            ["windows_per_second"] = (double)report["windows_per_second"]!,
            ["accepted"] = (long)report["accepted"]!,
            ["true_incident_windows"] = (long)report["true_incident_windows"]!,
            ["detections"] = watch.Detections,
            ["rounds"] = committed,
            ["accuracy_new_people"] = Math.Round(judged.Model.Accuracy, 4),
            ["macro_f1_new_people"] = Math.Round(judged.Model.MacroF1, 4),
            ["accuracy_majority_class"] = Math.Round(judged.Model.MajorityAccuracy, 4),
            ["accuracy_logistic_regression"] = Math.Round(judged.Linear.Accuracy, 4),
            ["cells_released"] = last.ReleasedCells,
            ["cells_merged"] = last.MergedCells,
            ["cells_suppressed"] = last.SuppressedCells,
            ["cells_ever_released"] = last.EverReleasedCells,
            ["production_cells_shown"] = last.ProductionVisible,
            ["production_cells"] = last.ProductionSlots,
            ["incidents"] = report["incidents"]!.DeepClone(),
            ["hottest_cells"] = new JsonArray([.. watch.Hottest(5).Select(c => new JsonObject { ["cell"] = c.Cell, ["score"] = c.Score, ["contributors"] = c.Contributors, ["bin_start"] = c.BinStart })]),
            ["hotspot_answers"] = watch.Answers,
            ["runtime"] = $"{health.Runtime} {health.RuntimeVersion}",
            ["seconds"] = Math.Round(Stopwatch.GetElapsedTime(started).TotalSeconds, 1),
        };
    }

    /// <summary>The city lives in its own process; here rounds are started as long as it does, and until there were enough.</summary>
    private static async Task<(JsonObject Report, int Committed)> Live(Plan plan, SiloProcess silo, CitySafeClient client, HotspotWatch watch, CancellationToken cancellation)
    {
        using var city = silo.StartLoad(
            "--devices", Text(plan.Devices), "--minutes", Text(plan.Minutes), "--windows-per-second", Text(plan.WindowsPerSecond), "--seed", Text(plan.Seed), "--json");
        var output = city.StandardOutput.ReadToEndAsync(cancellation);
        var committed = 0;
        await Output.Error.Status().StartAsync("the city wakes up", async status =>
        {
            while (!city.HasExited || (committed < plan.MinimumRounds && city.ExitCode == 0))
            {
                var rounds = await client.Rounds(cancellation);
                committed = rounds.Rounds.Count(r => r.Phase == "Committed");
                status.Status($"{rounds.CheckedInDevices} devices would learn, {committed} rounds committed, mean loss {rounds.Rounds.FirstOrDefault(r => r.Ended is not null)?.MeanLoss:F3}");
                if (rounds.CheckedInDevices >= plan.ClientsPerRound && rounds.Rounds.All(r => r.Ended is not null))
                    await client.StartRound(new StartRound(
                        plan.Strategy, plan.ClientsPerRound, plan.Seed, OverSelection: 1, DeadlineSeconds: 60, Epochs: 5, BatchSize: 8, Optimiser: "adam", LearningRate: 0.003), cancellation);
                await watch.Look(client, cancellation);
                await Task.Delay(200, cancellation);
            }
        });
        if (city.ExitCode != 0) throw new CommandFailedException($"the load generator ended with code {city.ExitCode}; the lines above say why");
        while ((await client.Rounds(cancellation)).Rounds.Any(r => r.Ended is null)) await Task.Delay(100, cancellation);
        committed = (await client.Rounds(cancellation)).Rounds.Count(r => r.Phase == "Committed");
        return (JsonNode.Parse(await output)!.AsObject(), committed);
    }

    private static void Print(JsonObject answer)
    {
        var table = new Table().AddColumns("", "").HideHeaders();
        void Row(string name, string value) => table.AddRow(new Text(name), new Text(value));
        Row("windows", $"{answer["windows"]} pushed, {(double)answer["windows_per_second"]!:F0}/s; {answer["true_incident_windows"]} of them truly incidents");
        Row("detections", $"{answer["detections"]} incident windows seen in released cells");
        Row("federated rounds", $"{answer["rounds"]} committed");
        Row("accuracy, people never trained on", $"{(double)answer["accuracy_new_people"]!:P1} (macro-F1 {(double)answer["macro_f1_new_people"]!:F2})");
        Row("  majority class", $"{(double)answer["accuracy_majority_class"]!:P1}");
        Row("  logistic regression", $"{(double)answer["accuracy_logistic_regression"]!:P1}");
        Row("cells at k = 10, last bin", $"{answer["cells_released"]} released, {answer["cells_merged"]} merged, {answer["cells_suppressed"]} suppressed; {answer["cells_ever_released"]} ever released");
        Row("production privacy would show", $"{answer["production_cells_shown"]} of {answer["production_cells"]} (r8 cell, hour) slots");
        Row("incident", string.Join("; ", answer["incidents"]!.AsArray().Select(i => $"cell {i!["cell"]}, {(DateTimeOffset)i["start"]!:HH:mm} to {(DateTimeOffset)i["end"]!:HH:mm}")));
        Row("hottest cells", string.Join("\n", answer["hottest_cells"]!.AsArray().Select(c => $"{c!["cell"]}  score {(double)c["score"]!:F1}  {c["contributors"]} contributors  {(DateTimeOffset)c["bin_start"]!:HH:mm}")));
        Row("runtime", $"{answer["runtime"]}, {(double)answer["seconds"]!:F0} s in all, privacy: simulation (all devices are virtual)");
        Output.Data.Write(table);
    }

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);
}
