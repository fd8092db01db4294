using System.Globalization;
using System.Text.Json.Nodes;
using CitySafeSense.City;
using CitySafeSense.Cli.Terminal;
using CitySafeSense.Privacy;
using Spectre.Console;

namespace CitySafeSense.Cli.Verbs.Privacy;

/// <summary>`privacy`: what protecting people costs in what can be seen.</summary>
internal static class PrivacyVerbs
{
    public static Command Command() => new("privacy", "What is promised to a device, and what it costs.") { Plan() };

    private static Command Plan()
    {
        var devices = new Option<int>("--devices") { Description = "Devices in the city.", Required = true };
        var epsilon = new Option<double>("--epsilon") { Description = "For one device and week.", DefaultValueFactory = _ => GaussianRelease.Default.Epsilon };
        var delta = new Option<double>("--delta") { Description = "For one device and week.", DefaultValueFactory = _ => GaussianRelease.Default.Delta };
        var k = new Option<int>("--k") { Description = "Nothing is shown of fewer.", DefaultValueFactory = _ => DisclosureControl.DefaultContributors };
        var slots = new Option<int[]>("--slots") { Description = "Hours of the week in which a device is counted.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [24, 56, 168] };
        var cells = new Option<int>("--cells") { Description = "Cells (r9) of the virtual city they live in.", DefaultValueFactory = _ => 2000 };
        var (seed, json) = (Output.SeedOption(), Output.JsonOption());
        var command = new Command("plan", """
            Prints the noise, the threshold, the error of a number that is shown and the share of places that are seen, for a fleet that
            is always heard. Places are cells of resolution 8 in a virtual city whose people live as in `simulate city --warmup-days`.
            A device is counted in so many hours of the week: in more of them with more noise, in fewer for fewer of the devices.
            The guarantee is the same in every row. `serve --release-slots` chooses.

            Example: citysafe privacy plan --devices 100000
            """) { devices, epsilon, delta, k, slots, cells, seed, json };
        command.SetAction(parse =>
        {
            var (fleet, contributors) = (parse.GetValue(devices), parse.GetValue(k));
            if (fleet is < 1 or > 100_000_000) throw new ArgumentException("--devices must be 1 to 100000000");
            if (parse.GetValue(epsilon) is not (> 0 and <= 100)) throw new ArgumentException("--epsilon must be above 0 and at most 100");
            if (parse.GetValue(delta) is not (> 0 and <= 0.01)) throw new ArgumentException("--delta must be above 0 and at most 0.01");
            if (contributors is < 1 or > 1000) throw new ArgumentException("--k must be 1 to 1000");
            if (parse.GetValue(slots)!.FirstOrDefault(s => s is < 1 or > ContributionTokens.HoursPerWeek) is not 0 and var wrong) throw new ArgumentException($"--slots {wrong}: 1 to {ContributionTokens.HoursPerWeek} hours of the week");
            var city = new FlowCity(parse.GetValue(cells), 7, 1, 0, parse.GetValue(seed));
            var rows = parse.GetValue(slots)!.Distinct().Order().Select(s => new GaussianRelease(parse.GetValue(epsilon), parse.GetValue(delta), s)).Select(r => (Release: r, Forecast: ReleasePlan.For(city, r, contributors, fleet))).ToArray();
            var laplace = GaussianRelease.LaplaceThreshold(parse.GetValue(epsilon), parse.GetValue(delta));
            if (parse.GetValue(json)) Output.Json(Describe(fleet, contributors, rows, laplace));
            else Print(contributors, rows, laplace);
            return Run.Done;
        });
        return command;
    }

    private static JsonObject Describe(int devices, int k, (GaussianRelease Release, ReleaseForecast Forecast)[] rows, double laplace) => new()
    {
        ["devices"] = devices,
        ["epsilon"] = rows[0].Release.Epsilon,
        ["delta"] = rows[0].Release.Delta,
        ["k"] = k,
        ["plans"] = new JsonArray([.. rows.Select(r => new JsonObject
        {
            ["slots"] = r.Release.Slots,
            ["sigma"] = Math.Round(r.Release.Sigma, 3),
            ["threshold"] = Math.Round(r.Release.Threshold(k), 2),
            ["devices_needed"] = Math.Ceiling(r.Release.Threshold(k) * r.Release.Scale),
            ["counted_per_hour"] = Math.Round(r.Forecast.Counted, 1),
            ["error_devices"] = Math.Round(r.Forecast.Error, 1),
            ["visible_slots"] = Math.Round(r.Forecast.VisibleSlots, 4),
            ["visible_cells"] = Math.Round(r.Forecast.VisibleCells, 4),
            ["visible_device_hours"] = Math.Round(r.Forecast.VisibleDevices, 4),
        })]),
        ["laplace_threshold_of_one_release"] = Math.Round(laplace, 2),
    };

    private static void Print(int k, (GaussianRelease Release, ReleaseForecast Forecast)[] rows, double laplace)
    {
        var table = new Table().AddColumns("hours counted", "sigma", "threshold", "devices needed", "error, devices", "places seen ever", "place-hours seen", "device-hours seen");
        foreach (var (release, forecast) in rows)
            table.AddRow(
                Text(release.Slots, "0"), Text(release.Sigma, "F1"), Text(release.Threshold(k), "F1"), Text(Math.Ceiling(release.Threshold(k) * release.Scale), "0"),
                Text(forecast.Error, "F0"), Share(forecast.VisibleCells), Share(forecast.VisibleSlots), Share(forecast.VisibleDevices));
        Output.Data.Write(table);
        Output.Note($"for comparison: one single release with Laplace noise would need a count above {Text(laplace, "F1")}");
    }

    private static string Share(double value) => value.ToString("P1", CultureInfo.InvariantCulture);

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
