using System.Text.Json.Nodes;
using CitySafeSense.Cli.Terminal;
using CitySafeSense.Load;
using CitySafeSense.Wire;
using Spectre.Console;

namespace CitySafeSense.Cli.Verbs;

/// <summary>`simulate city`: a virtual city's devices against a silo's HTTP API, from this process.</summary>
internal static class SimulateCity
{
    public static Command Command()
    {
        var defaults = new LoadOptions { Target = new Uri("http://127.0.0.1"), OperatorToken = "" };
        var devices = new Option<int>("--devices") { Description = "Virtual devices.", DefaultValueFactory = _ => defaults.Devices };
        var cells = new Option<int>("--cells") { Description = "Hexagons of the city, at most 60; of a city of flows, 19 to 10000.", DefaultValueFactory = _ => defaults.Cells };
        var minutes = new Option<double>("--minutes") { Description = "Minutes of the city's own time.", DefaultValueFactory = _ => defaults.Minutes };
        var rate = new Option<double>("--windows-per-second") { Description = "Upper bound in real time; 0 = as fast as they are taken.", DefaultValueFactory = _ => 0 };
        var incidents = new Option<int>("--incidents") { Description = "Cells in which harm is done in the middle third of the run.", DefaultValueFactory = _ => defaults.Incidents };
        var warmUp = new Option<int>("--warmup-days") { Description = "Instead of devices against a silo, the counts of a large city (up to 10000 cells): so many days to learn what is usual, at least 7.", DefaultValueFactory = _ => 0 };
        var days = new Option<int>("--days") { Description = "Days after those, in which incidents happen and are to be noticed.", DefaultValueFactory = _ => 14 };
        var calibrate = new Option<bool>("--calibrate") { Description = "With --warmup-days: print the thresholds at which ten cities without incidents, from --seed on, give 0.01 false alarms per cell and week." };
        var (seed, json) = (Output.SeedOption(), Output.JsonOption());
        var command = new Command("city", $"""
            Let virtual people live in the centre of a virtual Sao Paulo and send their windows to a silo.
            Each window is acknowledged or sent again. The silo must run with --privacy simulation; a city that was lived in
            before goes on where it was. {RunTarget.Explanation}

            Example: citysafe simulate city --devices 200 --minutes 20 --seed 3
            With --warmup-days it simulates weeks of the flows of a large city as counts, plants incidents of 3, 6 and 12 standard
            deviations of a cell's own half-hour count among concerts, rain, strikes and late buses, and grades every detector.

            Example: citysafe simulate city --warmup-days 56 --days 14 --cells 2000 --incidents 120 --seed 3
            Example: citysafe simulate city --target http://127.0.0.1:8080 --token data/keys/operator.token
            """) { SiloTarget.Address, SiloTarget.Token, devices, cells, minutes, rate, incidents, warmUp, days, calibrate, seed, json };
        command.SetAction(async (parse, cancellation) =>
        {
            if (parse.GetValue(warmUp) > 0)
            {
                if (parse.GetValue(calibrate))
                {
                    Output.Json(SimulateFlows.Calibrate(parse.GetValue(cells), parse.GetValue(warmUp), parse.GetValue(days), parse.GetValue(seed)));
                    return Run.Done;
                }
                var grades = SimulateFlows.Run(parse.GetValue(cells), parse.GetValue(warmUp), parse.GetValue(days), parse.GetValue(incidents), parse.GetValue(seed));
                if (parse.GetValue(json)) Output.Json(grades);
                else SimulateFlows.Print(grades);
                return Run.Done;
            }
            var options = defaults with
            {
                Devices = parse.GetValue(devices),
                Cells = parse.GetValue(cells),
                Minutes = parse.GetValue(minutes),
                WindowsPerSecond = parse.GetValue(rate),
                Incidents = parse.GetValue(incidents),
                Seed = parse.GetValue(seed),
            };
            options.Validate();
            await using var silo = await RunTarget.Open(parse, new SiloLaunch(options.Seed), cancellation);
            options = options with { Target = silo.Silo, OperatorToken = silo.OperatorToken };
            using var http = new HttpClient();
            var report = await LoadProgress.Show(new LoadGenerator(options, http), cancellation);
            if (report.Accepted == 0) throw new CommandFailedException($"{options.Target} took none of {report.Windows} windows: {Reasons(report)}");
            if (report.Rejected > 0) Output.Note($"{report.Rejected} of {report.Windows} windows were refused: {Reasons(report)}");
            var answer = Describe(report, options);
            if (silo.Own is { } own) answer["hotspots"] = await Hotspots(own, cancellation);
            if (parse.GetValue(json)) Output.Json(answer);
            else foreach (var (name, value) in answer) Output.Data.WriteLine($"{name,-20} {value?.ToJsonString()}");
            return Run.Done;
        });
        return command;
    }

    private static string Reasons(LoadReport report) =>
        report.Duplicates == report.Windows ? "it has them all already" : RefusalReasons.Explain(report.Reasons);

    private static JsonObject Describe(LoadReport report, LoadOptions options) => new()
    {
        ["devices"] = options.Devices,
        ["start"] = report.Start,
        ["windows"] = report.Windows,
        ["accepted"] = report.Accepted,
        ["duplicates"] = report.Duplicates,
        ["rejected"] = report.Rejected,
        ["reasons"] = new JsonObject(report.Reasons.Select(r => KeyValuePair.Create(r.Key, (JsonNode?)r.Value))),
        ["resent"] = report.Resent,
        ["true_incident_windows"] = report.TrueIncidents,
        ["incidents"] = new JsonArray([.. report.Incidents.Select(i => new JsonObject { ["cell"] = i.Cell, ["start"] = i.Start, ["end"] = i.End, ["share"] = i.Share })]),
        ["seconds"] = Math.Round(report.Seconds, 2),
        ["windows_per_second"] = Math.Round(report.WindowsPerSecond, 1),
    };

    private static async Task<JsonObject> Hotspots(SiloProcess silo, CancellationToken cancellation)
    {
        using var http = silo.Http();
        var view = await new Sdk.CitySafeClient(http).Hotspots(cancellation: cancellation);
        return new() { ["synthetic"] = view.Synthetic, ["active"] = view.ActiveCells, ["released"] = view.ReleasedCells, ["merged"] = view.MergedCells, ["suppressed"] = view.SuppressedCells };
    }
}
