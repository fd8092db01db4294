using System.Globalization;
using System.Text.Json.Nodes;
using CitySafeSense.Cli.Terminal;
using CitySafeSense.Load;
using CitySafeSense.Sdk;
using CitySafeSense.Silo;

namespace CitySafeSense.Cli.Verbs;

/// <summary>
/// `verify flood`: devices have ten times as much to say as the silo takes, and peers misbehave meanwhile. Telemetry is shed at the
/// device, events go on, memory stays bounded, and right after it devices that had no part in it are answered as ever.
/// </summary>
internal static class VerifyFlood
{
    private const int Devices = 200, Bystanders = 10, OutboxWindows = 512;
    private const double CapacitySeconds = 8, EventsPerSecond = 100, BystandersPerSecond = 20, AfterSeconds = 10, Times = 10;

    /// <summary>What must hold. Memory is a silo's own: windows without labels are not kept.</summary>
    private const double RecoverySeconds = 5, EventGapSeconds = 5, MemoryBytes = 1.2e9;

    public static Command Command()
    {
        var seconds = new Option<double>("--seconds") { Description = "How long the flood lasts.", DefaultValueFactory = _ => 60 };
        var plant = Choice.Option<PlantedFault>("--plant", "A fault that must be found: no-credit.");
        var (seed, json) = (Output.SeedOption(), Output.JsonOption());
        var command = new Command("flood", """
            Offer a silo ten times what it takes, with events among it, while other peers send garbage, stay half-open, never
            read, or send a megabyte. Nothing may be lost, events must be acknowledged throughout, and what other devices say
            after the end must be acknowledged within 5 s.

            Example: citysafe verify flood --json
            Example: citysafe verify flood --seconds 20 --plant no-credit   (must exit 1)
            """) { seconds, plant, seed, json };
        command.SetAction(async (parse, cancellation) =>
        {
            if (parse.GetValue(seconds) is not (>= 5 and <= 3600)) throw new ArgumentException("--seconds must be 5 to 3600");
            if (parse.GetValue(plant) is not (PlantedFault.None or PlantedFault.NoCredit)) throw new ArgumentException("verify flood plants no-credit only");
            var answer = await Verify(parse.GetValue(seconds), parse.GetValue(plant), parse.GetValue(seed), cancellation);
            if (parse.GetValue(json)) Output.Json(answer);
            else foreach (var (name, value) in answer) Output.Line($"{name,-26} {value?.ToJsonString()}");
            return answer["violations"]!.AsArray().Count == 0 ? Run.Done : Run.Failed;
        });
        return command;
    }

    private static async Task<JsonObject> Verify(double seconds, PlantedFault plant, ulong seed, CancellationToken cancellation)
    {
        await using var silo = await SiloProcess.Start(new SiloLaunch(seed, Plant: plant, MqttListen: "127.0.0.1:0"), cancellation);
        using var http = silo.Http();
        var client = new CitySafeClient(http, silo.OperatorToken);
        var ledger = new Ledger();
        var usually = await FleetRegistration.Register(client, "usual", Devices, cancellation);
        var flooding = await FleetRegistration.Register(client, "flood", Devices, cancellation);
        var bystanding = await FleetRegistration.Register(client, "bystander", Bystanders, cancellation);
        var usual = await Fleet(new FleetOptions { Broker = silo.Broker, Devices = usually.Devices, Duration = TimeSpan.FromSeconds(CapacitySeconds), WarmUp = TimeSpan.FromSeconds(CapacitySeconds), Seed = seed }, ledger, cancellation);
        Output.Note(string.Create(CultureInfo.InvariantCulture, $"the silo takes {usual.PerSecond:0} windows a second; now {Times:0} times that are offered for {seconds:0} s"));
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var memory = silo.WatchMemory(ending.Token);
        await using var peers = await HostilePeers.Begin(client, silo, cancellation);
        var (rate, broker) = (Times * usual.PerSecond, silo.BrokerId);
        // Their latencies count from the end of the flood.
        var after = Fleet(new FleetOptions
        {
            Broker = silo.Broker,
            Devices = bystanding.Devices,
            MessagesPerSecond = BystandersPerSecond,
            EventShare = 0.2,
            WarmUp = TimeSpan.FromSeconds(seconds),
            Duration = TimeSpan.FromSeconds(AfterSeconds),
            Seed = seed + 1,
        }, ledger, cancellation);
        var flood = await Fleet(new FleetOptions
        {
            Broker = silo.Broker,
            Devices = flooding.Devices,
            MessagesPerSecond = rate,
            EventShare = EventsPerSecond / rate,
            OutboxWindows = OutboxWindows,
            Duration = TimeSpan.FromSeconds(seconds),
            Seed = seed,
        }, ledger, cancellation);
        var (others, misbehaved) = (await after, await peers.End());
        await ending.CancelAsync();
        var (peak, ingest) = (await memory, await client.Ingest(cancellation));
        var (lost, doubled) = await LedgerComparison.Of(client, ledger, cancellation);
        var violations = new JsonArray();
        void Require(bool holds, string otherwise)
        {
            if (!holds) violations.Add(otherwise);
        }
        Require(lost == 0 && doubled == 0, "acknowledged and in no cell, or twice in one");
        Require(flood.Unsettled + others.Unsettled == 0, "messages were never answered");
        Require(flood.Shed > 0, "nothing was shed: it was no flood");
        Require(flood.LongestEventGapSeconds <= EventGapSeconds, $"no event was acknowledged for more than {EventGapSeconds} s");
        Require(others.P99Seconds <= RecoverySeconds, $"after it other devices waited longer than {RecoverySeconds} s");
        Require(peak <= MemoryBytes, $"the silo took more than {MemoryBytes / 1e9:0.0} GB");
        Require(silo.IsAlive && silo.BrokerId == broker, "silo or broker ended");
        foreach (var reason in HostilePeers.Reasons) Require(ingest.Refused.GetValueOrDefault(reason) > 0, $"no {reason} was counted");
        return new JsonObject
        {
            ["usual_per_second"] = Math.Round(usual.PerSecond),
            ["offered_per_second"] = Math.Round(rate),
            ["seconds"] = Math.Round(flood.Seconds, 1),
            ["acknowledged"] = flood.Acknowledged,
            ["per_second"] = Math.Round(flood.PerSecond),
            ["events"] = flood.AcknowledgedEvents,
            ["longest_event_gap_seconds"] = Math.Round(flood.LongestEventGapSeconds, 3),
            ["shed_at_devices"] = flood.Shed,
            ["resent"] = flood.Resent,
            ["backlog_seconds"] = Math.Round(flood.SettleSeconds, 2),
            ["others_after"] = new JsonObject { ["p50"] = others.P50Seconds, ["p95"] = others.P95Seconds, ["p99"] = others.P99Seconds },
            ["peak_memory_bytes"] = peak,
            ["memory_bound_bytes"] = MemoryBytes,
            ["lost"] = lost,
            ["double"] = doubled,
            ["unsettled"] = flood.Unsettled,
            ["refused"] = new JsonObject([.. ingest.Refused.Select(r => KeyValuePair.Create(r.Key, (JsonNode?)r.Value))]),
            ["hostile_peers"] = misbehaved,
            ["plant"] = plant.ToString(),
            ["violations"] = violations,
        };
    }

    private static Task<FleetReport> Fleet(FleetOptions options, Ledger ledger, CancellationToken cancellation) =>
        new DeviceFleet(options, ledger, TimeProvider.System).Run(acknowledged => Output.Note($"{acknowledged} acknowledged"), cancellation);
}
