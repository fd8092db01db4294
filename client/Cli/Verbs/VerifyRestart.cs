using System.Text.Json.Nodes;
using CitySafeSense.Cli.Terminal;
using CitySafeSense.Load;
using CitySafeSense.Numerics;
using CitySafeSense.Sdk;
using CitySafeSense.Silo;
using CitySafeSense.Wire;
using Spectre.Console;

namespace CitySafeSense.Cli.Verbs;

/// <summary>
/// `verify restart`: the silo is killed again and again under load. What it acknowledged before a kill must be there after it:
/// windows in their cells, once each; personal models; the model's version.
/// </summary>
internal static class VerifyRestart
{
    private const int WatchedDevices = 100, RoundClients = 40;

    private sealed class Findings
    {
        public int Kills, LostPersonalModels, LostVersions, PersonalModelsChecked, VersionsChecked;
    }

    public static Command Command()
    {
        var kills = new Option<int>("--kills") { Description = "How often the silo is killed (SIGKILL).", DefaultValueFactory = _ => 5 };
        var devices = new Option<int>("--devices") { Description = "Virtual devices.", DefaultValueFactory = _ => 1000 };
        var plant = Choice.Option<PlantedFault>("--plant", "A fault that must be found: ack-before-commit or no-dedupe.");
        var (seed, json) = (Output.SeedOption(), Output.JsonOption());
        var command = new Command("restart", """
            Kill the silo under load and see whether anything it acknowledged is lost or counted twice.

            Example: citysafe verify restart --kills 5 --json
            Example: citysafe verify restart --kills 3 --plant AckBeforeCommit   (must exit 1)
            """) { kills, devices, plant, seed, json };
        command.SetAction(async (parse, cancellation) =>
        {
            if (parse.GetValue(kills) is < 1 or > 1000) throw new ArgumentException("--kills must be 1 to 1000");
            var answer = await Verify(parse.GetValue(kills), parse.GetValue(devices), parse.GetValue(plant), parse.GetValue(seed), cancellation);
            if (parse.GetValue(json)) Output.Json(answer);
            else foreach (var (name, value) in answer) Output.Data.WriteLine($"{name,-26} {value?.ToJsonString()}");
            return (long)answer["violations"]! == 0 ? Run.Done : Run.Failed;
        });
        return command;
    }

    private static async Task<JsonObject> Verify(int kills, int devices, PlantedFault plant, ulong seed, CancellationToken cancellation)
    {
        await using var silo = await SiloProcess.Start(new SiloLaunch(seed, Plant: plant), cancellation);
        var options = new LoadOptions
        {
            Target = silo.Address,
            OperatorToken = silo.OperatorToken,
            Devices = devices,
            Seed = seed,
            Minutes = 24 * 60,
            WindowsPerRequest = 32,
            RepeatShare = 0.05,
        };
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(20) };
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var ledger = new Ledger();
        var load = new LoadGenerator(options, http, ledger);
        var running = load.Run(null, enough.Token);
        var findings = new Findings();
        var rng = Rng.For(seed, "kills");
        while (findings.Kills < kills)
        {
            await Task.Delay(TimeSpan.FromSeconds(rng.Uniform(1.0, 3.0)), cancellation);
            if (running.IsFaulted) await running;
            await KillOnce(silo, options, findings, seed, cancellation);
        }
        await Task.Delay(TimeSpan.FromSeconds(1), cancellation);
        load.StopAfterThisStep();
        var report = await running;
        using var after = silo.Http();
        var (lost, doubled) = await LedgerComparison.Of(new CitySafeClient(after, silo.OperatorToken), ledger, cancellation);
        return new JsonObject
        {
            ["kills"] = findings.Kills,
            ["acknowledged"] = ledger.Total,
            ["resent"] = report.Resent,
            ["lost"] = lost,
            ["double"] = doubled,
            ["personal_models_checked"] = findings.PersonalModelsChecked,
            ["personal_models_lost"] = findings.LostPersonalModels,
            ["versions_checked"] = findings.VersionsChecked,
            ["versions_lost"] = findings.LostVersions,
            ["plant"] = plant.ToString(),
            ["violations"] = lost + doubled + findings.LostPersonalModels + findings.LostVersions,
        };
    }

    /// <summary>Learns what the silo says it has, kills it, starts it again, and asks whether it still has it.</summary>
    private static async Task KillOnce(SiloProcess silo, LoadOptions options, Findings findings, ulong seed, CancellationToken cancellation)
    {
        using var http = silo.Http();
        var client = new CitySafeClient(http, options.OperatorToken);
        // Every other kill falls into a running round, the rest after a committed one: both must leave the last version whole.
        var waitForCommit = findings.Kills % 2 == 0;
        var committed = await TryRound(client, Math.Min(RoundClients, options.Devices), seed, waitForCommit, cancellation);
        var version = (await client.Models(cancellation)).Versions[0];
        var names = Enumerable.Range(0, Math.Min(WatchedDevices, options.Devices)).Select(i => $"virtual-{options.Seed}-{i:D5}").ToArray();
        var before = await Task.WhenAll(names.Select(n => client.Device(n, cancellation)));
        await silo.Kill();
        findings.Kills++;
        await silo.StartAgain(cancellation);
        findings.VersionsChecked++;
        if ((await client.Models(cancellation)).Versions.All(v => v.Hash != version.Hash)) findings.LostVersions++;
        foreach (var device in before.Where(d => d.PersonalModel is not null))
        {
            findings.PersonalModelsChecked++;
            var after = await client.Device(device.Device, cancellation);
            if (after.PersonalModel != device.PersonalModel && after.LastRound <= device.LastRound) findings.LostPersonalModels++;
        }
        Output.Note($"kill {findings.Kills} ({(committed ? "after a committed round" : "within a round")}): version {version.Version}, {before.Count(d => d.PersonalModel is not null)} personal models looked at");
    }

    /// <summary>Starts a round as soon as enough devices would take part; true if it was waited for and committed.</summary>
    private static async Task<bool> TryRound(CitySafeClient client, int clients, ulong seed, bool waitForCommit, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(TimeSpan.FromSeconds(20));
        try
        {
            while ((await client.Rounds(patience.Token)).CheckedInDevices < clients) await Task.Delay(50, patience.Token);
            var round = await client.StartRound(new StartRound("fedala", clients, seed, OverSelection: 1, DeadlineSeconds: 30), patience.Token);
            while (waitForCommit)
            {
                if ((await client.Rounds(patience.Token)).Rounds.Single(r => r.Round == round) is { Ended: not null } over) return over.Phase == "Committed";
                await Task.Delay(20, patience.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // the load was too slow for a round; the kill happens all the same
        }
        return false;
    }
}
