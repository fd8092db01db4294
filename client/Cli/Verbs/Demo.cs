using System.Diagnostics;
using System.Text.Json.Nodes;
using CitySafeSense.Cli.Terminal;
using CitySafeSense.Load;
using CitySafeSense.Sdk;
using CitySafeSense.Wire;
using Spectre.Console;

namespace CitySafeSense.Cli.Verbs;

/// <summary>`demo`: a silo, a load generator beside it, federated rounds meanwhile, and a table at the end. Everything is the real thing, only the people are not.</summary>
internal static class Demo
{
    /// <summary>Of real time. Deadlines are the city's, which waits; a silo that stands still for so long does not go on by itself.</summary>
    private static readonly TimeSpan stuck = TimeSpan.FromMinutes(10);

    /// <param name="RoundsPerStep">Federated rounds after every step of the virtual city, once enough devices would learn.</param>
    private sealed record Plan(int Devices, double Minutes, int RoundsPerStep, int ClientsPerRound, string Strategy, ulong Seed);

    public static Command Command()
    {
        var devices = new Option<int>("--devices") { Description = "Virtual devices.", DefaultValueFactory = _ => 1000 };
        var minutes = new Option<double>("--minutes") { Description = "Minutes of the virtual city's own time.", DefaultValueFactory = _ => 30 };
        var rounds = new Option<int>("--rounds") { Description = "Federated rounds after every half minute of the virtual city, 0 to 10.", DefaultValueFactory = _ => 3 };
        var clients = new Option<int>("--clients") { Description = "Devices in a round.", DefaultValueFactory = _ => 60 };
        var strategy = new Option<string>("--strategy") { Description = "Federated strategy.", DefaultValueFactory = _ => "fedavg" };
        var (seed, json) = (Output.SeedOption(), Output.JsonOption());
        var command = new Command("demo", """
            The main job, from nothing: a silo starts in a process of its own, 1,000 virtual devices live in the centre of a
            virtual Sao Paulo and send it their windows, devices learn together, something happens in one cell, a table says
            how it went. The city waits for the silo and for each round, so the same seed gives the same table on any machine.
            Runs with --privacy simulation; the table says how many cells production privacy would have shown.

            Example: citysafe demo --seed 2
            """) { devices, minutes, rounds, clients, strategy, seed, json };
        command.SetAction(async (parse, cancellation) =>
        {
            var plan = new Plan(parse.GetValue(devices), parse.GetValue(minutes), parse.GetValue(rounds), parse.GetValue(clients), parse.GetValue(strategy)!, parse.GetValue(seed));
            _ = Federation.Strategy.Named(plan.Strategy);
            if (plan.ClientsPerRound < 1 || plan.ClientsPerRound > plan.Devices) throw new ArgumentException("--clients must be 1 to the number of devices");
            if (plan.RoundsPerStep is < 0 or > 10) throw new ArgumentException("--rounds must be 0 to 10");
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
        var report = await Live(plan, silo, client, watch, cancellation);
        await watch.Look(client, cancellation);
        var rounds = (await client.Rounds(cancellation)).Rounds;
        var judged = await DemoJudgement.Of(client, plan.Seed, plan.Devices, cancellation);
        var alarmed = (await client.Alarms(cancellation: cancellation)).Alarms.SelectMany(a => a.Cells).ToHashSet();
        var last = watch.Last!;
        return new JsonObject
        {
            ["privacy"] = "simulation",
            ["windows"] = report.Windows,
            ["windows_per_second"] = Math.Round(report.WindowsPerSecond, 1),
            ["accepted"] = report.Accepted,
            ["true_incident_windows"] = report.TrueIncidents,
            ["detections"] = watch.Detections,
            ["rounds"] = rounds.Count(r => r.Phase == "Committed"),
            ["newest_version"] = judged.NewestVersion,
            ["released_version"] = judged.ReleasedVersion,
            ["accuracy_new_people"] = Math.Round(judged.Newest.Accuracy, 4),
            ["accuracy_new_people_released"] = Math.Round(judged.Released.Accuracy, 4),
            ["macro_f1_new_people"] = Math.Round(judged.Newest.MacroF1, 4),
            ["accuracy_majority_class"] = Math.Round(judged.Newest.MajorityAccuracy, 4),
            ["accuracy_logistic_regression"] = Math.Round(judged.Linear.Accuracy, 4),
            ["cells_released"] = last.ReleasedCells,
            ["cells_merged"] = last.MergedCells,
            ["cells_suppressed"] = last.SuppressedCells,
            ["cells_ever_released"] = last.EverReleasedCells,
            ["production_cells_shown"] = last.ProductionVisible,
            ["production_cells"] = last.ProductionSlots,
            ["incidents"] = new JsonArray([.. report.Incidents.Select(i => new JsonObject { ["cell"] = i.Cell, ["start"] = i.Start, ["end"] = i.End, ["raised_an_alarm"] = alarmed.Contains(i.Cell) })]),
            ["hottest_cells"] = new JsonArray([.. watch.Hottest(5).Select(c => new JsonObject { ["cell"] = c.Cell, ["score"] = c.Score, ["contributors"] = c.Contributors, ["bin_start"] = c.BinStart })]),
            ["hotspot_answers"] = watch.Answers,
            ["runtime"] = $"{health.Runtime} {health.RuntimeVersion}",
            ["seconds"] = Math.Round(Stopwatch.GetElapsedTime(started).TotalSeconds, 1),
        };
    }

    /// <summary>The city lives step by step; after each, rounds are run to their end before it goes on.</summary>
    private static Task<LoadReport> Live(Plan plan, SiloProcess silo, CitySafeClient client, HotspotWatch watch, CancellationToken cancellation)
    {
        var options = new LoadOptions { Target = silo.Address, OperatorToken = silo.OperatorToken, Devices = plan.Devices, Minutes = plan.Minutes, Seed = plan.Seed, IsStepped = true };
        return Output.Error.Status().StartAsync("the city wakes up", async status =>
        {
            using var http = new HttpClient();
            var learned = "";
            return await new LoadGenerator(options, http).Run(
                (sent, all) => status.Status($"{sent} of {all} windows, {learned}"), cancellation,
                async token =>
                {
                    await watch.Look(client, token);
                    for (var n = 0; n < plan.RoundsPerStep; n++) learned = await Round(plan, client, token);
                });
        });
    }

    /// <returns>How learning goes, for people.</returns>
    private static async Task<string> Round(Plan plan, CitySafeClient client, CancellationToken cancellation)
    {
        var before = await client.Rounds(cancellation);
        if (before.CheckedInDevices < plan.ClientsPerRound) return $"{before.CheckedInDevices} devices would learn";
        await client.StartRound(new StartRound(
            plan.Strategy, plan.ClientsPerRound, plan.Seed, OverSelection: 1, Epochs: 5, BatchSize: 8, Optimiser: "adam", LearningRate: 0.003), cancellation);
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var newest = (await client.Rounds(cancellation)).Rounds[0];
            if (Stopwatch.GetElapsedTime(started) > stuck) throw new CommandFailedException($"round {newest.Round} is not over after {stuck.TotalMinutes:0} minutes: {newest.Reported} of {newest.Invited} devices have reported");
            if (newest.Ended is not null) return $"{newest.Round} rounds, mean loss {newest.MeanLoss:F3}";
            await Task.Delay(10, cancellation);
        }
    }

    private static void Print(JsonObject answer)
    {
        var table = new Table().AddColumns("", "").HideHeaders();
        void Row(string name, string value) => table.AddRow(new Text(name), new Text(value));
        Row("windows", $"{answer["windows"]} pushed, {(double)answer["windows_per_second"]!:F0}/s; {answer["true_incident_windows"]} of them truly incidents");
        Row("detections", $"{answer["detections"]} incident windows seen in released cells");
        Row("federated rounds", $"{answer["rounds"]} committed");
        Row("accuracy, people never trained on", $"{(double)answer["accuracy_new_people"]!:P1}, version {answer["newest_version"]} (macro-F1 {(double)answer["macro_f1_new_people"]!:F2})");
        Row("  of the version that devices use", $"{(double)answer["accuracy_new_people_released"]!:P1}, version {answer["released_version"]}");
        Row("  majority class", $"{(double)answer["accuracy_majority_class"]!:P1}");
        Row("  logistic regression", $"{(double)answer["accuracy_logistic_regression"]!:P1}");
        Row("cells at k = 10, last bin", $"{answer["cells_released"]} released, {answer["cells_merged"]} merged, {answer["cells_suppressed"]} suppressed; {answer["cells_ever_released"]} ever released");
        Row("production privacy would show", $"{answer["production_cells_shown"]} of {answer["production_cells"]} (r8 cell, hour) slots");
        Row("incident", string.Join("; ", answer["incidents"]!.AsArray().Select(i => $"cell {i!["cell"]}, {(DateTimeOffset)i["start"]!:HH:mm} to {(DateTimeOffset)i["end"]!:HH:mm}; {((bool)i["raised_an_alarm"]! ? "raised an alarm" : "raised no alarm")}")));
        Row("hottest cells", string.Join("\n", answer["hottest_cells"]!.AsArray().Select(c => $"{c!["cell"]}  score {(double)c["score"]!:F1}  {c["contributors"]} contributors  {(DateTimeOffset)c["bin_start"]!:HH:mm}")));
        Row("runtime", $"{answer["runtime"]}, {(double)answer["seconds"]!:F0} s in all, privacy: simulation (all devices are virtual)");
        Output.Data.Write(table);
    }
}
