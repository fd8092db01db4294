using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using CitySafeSense.City;
using CitySafeSense.Cli.Terminal;
using CitySafeSense.Load;
using CitySafeSense.Mqtt;
using CitySafeSense.Sdk;
using CitySafeSense.Wire;

namespace CitySafeSense.Cli.Verbs;

/// <summary>`simulate fleet`: virtual devices with credentials and connections of their own, over MQTT, from this process.</summary>
internal static class SimulateFleet
{
    private const int WindowsToLearnFrom = 32;

    public static Command Command()
    {
        var devices = new Option<int>("--devices") { Description = "Virtual devices, each with a connection, at most 5000.", DefaultValueFactory = _ => 50 };
        var name = new Option<string>("--name") { Description = "What their ids begin with; they stay registered.", DefaultValueFactory = _ => "fleet" };
        var rate = new Option<double>("--rate") { Description = "Messages a second over all devices; 0 = as many as the silo gives credit for.", DefaultValueFactory = _ => 0 };
        var events = new Option<double>("--events") { Description = "Share of the messages that are events of some 200 bytes; the rest are windows of 4 kB.", DefaultValueFactory = _ => 0.2 };
        var duration = new Option<double>("--seconds") { Description = "How long they send.", DefaultValueFactory = _ => 10 };
        var warmUp = new Option<double>("--warm-up") { Description = "Seconds they send before rate and latencies count.", DefaultValueFactory = _ => 0 };
        var rounds = new Option<int>("--rounds") { Description = "Federated rounds to start meanwhile, in which each device trains by itself on 32 windows of its own and reports over MQTT.", DefaultValueFactory = _ => 0 };
        var strategy = new Option<string>("--strategy") { Description = "Of those rounds.", DefaultValueFactory = _ => "fedala" };
        var secagg = new Option<bool>("--secagg") { Description = "Sum their updates under masks; needs 32 devices or more." };
        var (seed, json) = (Output.SeedOption(), Output.JsonOption());
        var command = new Command("fleet", """
            Register virtual devices and let them send over MQTT (TLS, QoS 1), as real ones do: each keeps what it has said
            until the silo acknowledges it. Afterwards the cells' counts are compared with what was acknowledged.
            The silo must run with --privacy simulation.

            Example: citysafe simulate fleet --devices 50 --seconds 15 --events 0 --json
            Example: citysafe simulate fleet --devices 40 --rounds 3 --secagg --seconds 20
            Example: citysafe simulate fleet --devices 2000 --rate 1000 --name crowd --target http://127.0.0.1:8080 --token data/keys/operator.token
            """) { SiloTarget.Address, SiloTarget.Token, devices, name, rate, events, duration, warmUp, rounds, strategy, secagg, seed, json };
        command.SetAction(async (parse, cancellation) =>
        {
            Require(parse.GetValue(devices) is >= 1 and <= 5000, "--devices must be 1 to 5000");
            Require(parse.GetValue(rate) is >= 0 and <= 1e6, "--rate must be 0 (no bound) to 1000000");
            Require(parse.GetValue(events) is >= 0 and <= 1, "--events must be 0 to 1");
            Require(parse.GetValue(duration) is > 0 and <= 86_400, "--seconds must be above 0 and up to 86400");
            Require(parse.GetValue(warmUp) is >= 0 and <= 3600, "--warm-up must be 0 to 3600");
            Require(parse.GetValue(rounds) is >= 0 and <= 1000, "--rounds must be 0 to 1000");
            await using var silo = await RunTarget.Open(parse, new SiloLaunch(parse.GetValue(seed), MqttListen: "127.0.0.1:0"), cancellation);
            using var http = new HttpClient { BaseAddress = silo.Silo };
            var client = new CitySafeClient(http, silo.OperatorToken);
            var started = Stopwatch.GetTimestamp();
            var registered = await FleetRegistration.Register(client, parse.GetValue(name)!, parse.GetValue(devices), cancellation);
            Output.Note(string.Create(CultureInfo.InvariantCulture, $"{registered.Devices.Count} devices registered in {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s"));
            if (registered.Broker is not { } broker) throw new CommandFailedException($"{silo.Silo} has no broker: start it with --mqtt-listen or --broker");
            var options = new FleetOptions
            {
                Broker = new MqttOptions { Host = broker.Host, Port = broker.Port, Tls = broker.Authority is { } pem ? MqttTls.FromAuthority(pem) : MqttTls.FromFiles() },
                Devices = registered.Devices,
                MessagesPerSecond = parse.GetValue(rate),
                EventShare = parse.GetValue(events),
                Duration = TimeSpan.FromSeconds(parse.GetValue(duration)),
                WarmUp = TimeSpan.FromSeconds(parse.GetValue(warmUp)),
                LearnFrom = parse.GetValue(rounds) > 0 ? WindowsToLearnFrom : 0,
                Seed = parse.GetValue(seed),
            };
            var (ledger, before) = (new Ledger(), await LedgerComparison.Counts(client, new VirtualCity(options.Cells).Cells.Select(c => c.ToString()), cancellation));
            var fleet = new DeviceFleet(options, ledger, TimeProvider.System);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            var learning = FleetRounds.Run(
                client, new StartRound(parse.GetValue(strategy)!, registered.Devices.Count, parse.GetValue(seed), OverSelection: 1, DeadlineSeconds: 60, SecureSum: parse.GetValue(secagg)), parse.GetValue(rounds), end.Token);
            FleetReport report;
            try
            {
                report = await fleet.Run(acknowledged => Output.Note($"{acknowledged} acknowledged"), cancellation, learning);
            }
            finally
            {
                await end.CancelAsync();
            }
            var held = await learning;
            var (lost, doubled) = await LedgerComparison.Of(client, ledger, cancellation, before);
            var answer = Describe(report, registered.Devices.Count, lost, doubled);
            if (parse.GetValue(rounds) > 0) (answer["rounds_reported"], answer["rounds"]) = (report.RoundsReported, new JsonArray([.. held.Select(Rounds.Describe)]));
            if (parse.GetValue(json)) Output.Json(answer);
            else foreach (var (field, value) in answer) Output.Line($"{field,-20} {value?.ToJsonString()}");
            return lost + doubled + report.Unsettled == 0 && held.Count == parse.GetValue(rounds) && held.All(r => r.Phase == "Committed") ? Run.Done : Run.Failed;
        });
        return command;
    }

    private static JsonObject Describe(FleetReport report, int devices, long lost, long doubled) => new()
    {
        ["devices"] = devices,
        ["sent"] = report.Sent,
        ["acknowledged"] = report.Acknowledged,
        ["events"] = report.AcknowledgedEvents,
        ["lost"] = lost,
        ["double"] = doubled,
        ["unsettled"] = report.Unsettled,
        ["refused"] = report.Refused,
        ["shed"] = report.Shed,
        ["resent"] = report.Resent,
        ["seconds"] = Math.Round(report.Seconds, 2),
        ["messages_per_second"] = Math.Round(report.PerSecond, 1),
        ["message_bytes"] = report.MessageBytes,
        ["seconds_to_acknowledgement"] = new JsonObject { ["p50"] = report.P50Seconds, ["p95"] = report.P95Seconds, ["p99"] = report.P99Seconds },
    };

    private static void Require(bool holds, string otherwise)
    {
        if (!holds) throw new ArgumentException(otherwise);
    }
}
