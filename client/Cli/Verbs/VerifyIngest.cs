using System.Globalization;
using System.Text.Json.Nodes;
using CitySafeSense.Cli.Terminal;
using CitySafeSense.Load;
using CitySafeSense.Numerics;
using CitySafeSense.Sdk;
using CitySafeSense.Silo;

namespace CitySafeSense.Cli.Verbs;

/// <summary>
/// `verify ingest`: devices send over MQTT while the silo, its broker, or both are killed. What a device was told is taken must be
/// in its cell, once: an outside ledger of acknowledgements is compared with the cells' counts.
/// </summary>
internal static class VerifyIngest
{
    private enum Victim
    {
        Silo,
        Broker,
        Both,
    }

    public static Command Command()
    {
        var kills = new Option<string>("--kills") { Description = "What is killed (SIGKILL) how often, in an order drawn from the seed.", DefaultValueFactory = _ => "silo:3,broker:3,both:3" };
        var devices = new Option<int>("--devices") { Description = "Virtual devices.", DefaultValueFactory = _ => 200 };
        var rate = new Option<double>("--rate") { Description = "Messages a second, a fifth of them events.", DefaultValueFactory = _ => 500 };
        var plant = Choice.Option<PlantedFault>("--plant", "A fault that must be found: ack-before-commit, no-dedupe, lost-epoch, reorder-drop.");
        var (seed, json) = (Output.SeedOption(), Output.JsonOption());
        var command = new Command("ingest", """
            Kill silo and broker while devices send over MQTT, and see whether anything that was acknowledged is lost or counted twice.
            Devices restart too, with a new epoch.

            Example: citysafe verify ingest --kills silo:20,broker:20,both:20 --json
            Example: citysafe verify ingest --plant lost-epoch   (must exit 1)
            """) { kills, devices, rate, plant, seed, json };
        command.SetAction(async (parse, cancellation) =>
        {
            if (parse.GetValue(devices) is < 1 or > 5000) throw new ArgumentException("--devices must be 1 to 5000");
            if (parse.GetValue(rate) is not (> 0 and <= 100_000)) throw new ArgumentException("--rate must be above 0 and up to 100000");
            var answer = await Verify(Victims(parse.GetValue(kills)!), parse.GetValue(devices), parse.GetValue(rate), parse.GetValue(plant), parse.GetValue(seed), cancellation);
            if (parse.GetValue(json)) Output.Json(answer);
            else foreach (var (name, value) in answer) Output.Line($"{name,-16} {value?.ToJsonString()}");
            return (long)answer["violations"]! == 0 ? Run.Done : Run.Failed;
        });
        return command;
    }

    private static async Task<JsonObject> Verify(Victim[] victims, int devices, double rate, PlantedFault plant, ulong seed, CancellationToken cancellation)
    {
        var rng = Rng.For(seed, "kills");
        rng.Shuffle<Victim>(victims);
        await using var silo = await SiloProcess.Start(new SiloLaunch(seed, Plant: plant, MqttListen: "127.0.0.1:0"), cancellation);
        using var http = silo.Http();
        var client = new CitySafeClient(http, silo.OperatorToken);
        var registered = await FleetRegistration.Register(client, "fleet", devices, cancellation);
        var ledger = new Ledger();
        var fleet = new DeviceFleet(
            new FleetOptions
            {
                Broker = silo.Broker,
                Devices = registered.Devices,
                MessagesPerSecond = rate,
                EventShare = 0.2,
                Duration = TimeSpan.FromHours(12),
                ResendAfter = TimeSpan.FromSeconds(5),
                RestartEvery = TimeSpan.FromSeconds(20),
                Seed = seed,
            },
            ledger, TimeProvider.System);
        var running = fleet.Run(null, cancellation);
        for (var n = 0; n < victims.Length; n++)
        {
            await Task.Delay(TimeSpan.FromSeconds(rng.Uniform(1.0, 3.0)), cancellation);
            if (running.IsCompleted) await running;
            await KillOnce(silo, victims[n], cancellation);
            Output.Note($"kill {n + 1} of {victims.Length} ({victims[n].ToString().ToLowerInvariant()}): {ledger.Total} acknowledged");
        }
        await Task.Delay(TimeSpan.FromSeconds(3), cancellation);
        fleet.StopSending();
        var report = await running;
        var (lost, doubled) = await LedgerComparison.Of(client, ledger, cancellation);
        return new JsonObject
        {
            ["kills"] = victims.Length,
            ["sent"] = report.Sent,
            ["acknowledged"] = ledger.Total,
            ["events"] = report.AcknowledgedEvents,
            ["lost"] = lost,
            ["double"] = doubled,
            ["resent"] = report.Resent,
            ["restarts"] = report.Restarts,
            ["given_up"] = ledger.Abandoned.Values.Sum(),
            ["refused"] = report.Refused,
            ["unsettled"] = report.Unsettled,
            ["plant"] = plant.ToString(),
            ["violations"] = lost + doubled + report.Unsettled,
        };
    }

    private static async Task KillOnce(SiloProcess silo, Victim victim, CancellationToken cancellation)
    {
        if (victim is Victim.Silo or Victim.Both) await silo.Kill();
        if (victim is Victim.Broker or Victim.Both) await silo.KillBroker();
        if (victim is Victim.Silo or Victim.Both) await silo.StartAgain(cancellation);
    }

    private static Victim[] Victims(string text) => [.. text.Split(',').SelectMany(part =>
    {
        var pair = part.Split(':');
        return pair.Length == 2 && Enum.TryParse<Victim>(pair[0], ignoreCase: true, out var victim) && int.TryParse(pair[1], NumberStyles.None, CultureInfo.InvariantCulture, out var times) && times is >= 0 and <= 1000
            ? Enumerable.Repeat(victim, times)
            : throw new ArgumentException($"--kills {text}: silo, broker and both with a number of 0 to 1000 each are needed, such as silo:3,broker:3");
    })];
}
