using System.Globalization;
using System.Text.Json;
using CitySafeSense.Cli.Terminal;
using CitySafeSense.Sensing;
using CitySafeSense.Wire;
using Spectre.Console;

namespace CitySafeSense.Cli.Verbs;

/// <summary>`hotspots`: what is out of the ordinary, and how well that is told.</summary>
internal static class HotspotVerbs
{
    private const int SparklineBins = 96;
    private static readonly Option<bool> json = Output.JsonOption();

    private static readonly Argument<string> cell = new("CELL") { Description = "H3 index, of resolution 9 in simulation and 8 in production." };

    public static Command Command() => new("hotspots", """
        Hotspots: what is out of the ordinary in a city, where, and since when; and how well past events say where later ones happen.

        Everything comes from what a silo has released: cells of at least k contributors in simulation, noisy hours of larger
        cells in production. Scores are in standard deviations, roughly; a cell is judged from its second week on, except for
        the share of windows of harm, which needs no past.

        Example: citysafe hotspots list --top 10
        Example: citysafe hotspots evaluate --points accidents.csv.gz --train 2011,2012 --test 2014 --area districts.geojson
        """) { List(), Show(), HotspotsWatching.Command(), History(), HotspotsEvaluate.Command() };

    private static Command List()
    {
        var top = new Option<int>("--top") { Description = "How many cells.", DefaultValueFactory = _ => 20 };
        var box = new Option<string>("--bbox") { Description = "south,west,north,east in degrees." };
        var command = new Command("list", "Cells, the most extraordinary first.") { top, box, SiloTarget.Address, json };
        command.SetAction(async (parse, cancellation) =>
        {
            if (parse.GetValue(top) is < 1 or > 10_000) throw new ArgumentException("--top must be 1 to 10000");
            var answer = await SiloTarget.Client(parse).Hotspots(parse.GetValue(box), cancellation);
            var some = answer with { Cells = [.. answer.Cells.Take(parse.GetValue(top))], Anomalies = [.. answer.Anomalies.Take(parse.GetValue(top))] };
            if (parse.GetValue(json)) Output.Json(JsonSerializer.SerializeToNode(some, WireJson.Default.HotspotsAnswer)!);
            else Print(some);
            return Run.Done;
        });
        return command;
    }

    private static Command Show()
    {
        var command = new Command("show", "One cell: what is shown of it, why it is out of the ordinary, and its last day.") { cell, SiloTarget.Address, json };
        command.SetAction(async (parse, cancellation) =>
        {
            var history = await SiloTarget.Client(parse).History(parse.GetValue(cell)!, cancellation);
            if (parse.GetValue(json))
            {
                Output.Json(JsonSerializer.SerializeToNode(history with { Bins = [.. history.Bins.TakeLast(1)] }, WireJson.Default.HotspotHistory)!);
                return Run.Done;
            }
            var last = history.Bins[^1];
            Output.Line($"{history.Cell}  {Text(last.Latitude, "F5")}, {Text(last.Longitude, "F5")}  {(history.Synthetic ? "synthetic" : "real devices")}, {history.Unit}");
            Output.Line($"last shown {last.BinStart:yyyy-MM-dd HH:mm}: {People(last)} {(history.Synthetic ? "contributors" : "devices, with noise")}");
            Output.Line(history.Anomaly is { } anomaly ? Sentence(anomaly) : "nothing out of the ordinary, or not judged yet");
            Output.Line($"{Sparkline.Of([.. history.Bins.TakeLast(SparklineBins).Select(People)])}  {history.Bins[Math.Max(0, history.Bins.Count - SparklineBins)].BinStart:HH:mm} to {last.BinStart:HH:mm}, at most {history.Bins.TakeLast(SparklineBins).Max(People)}");
            return Run.Done;
        });
        return command;
    }

    private static Command History()
    {
        var command = new Command("history", "What was released of a cell, bin by bin.") { cell, SiloTarget.Address, json };
        command.SetAction(async (parse, cancellation) =>
        {
            var history = await SiloTarget.Client(parse).History(parse.GetValue(cell)!, cancellation);
            if (parse.GetValue(json))
            {
                Output.Json(JsonSerializer.SerializeToNode(history, WireJson.Default.HotspotHistory)!);
                return Run.Done;
            }
            var table = new Table().AddColumns("from", "people", "windows of harm", "discontinuities", "");
            var most = history.Bins.Max(People);
            foreach (var bin in history.Bins)
                table.AddRow(
                    bin.BinStart.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture), Text(People(bin), "0.#"), bin.Windows is null ? "-" : Text(Harm(bin), "0"), bin.Discontinuities is { } jumps ? Text(jumps, "0") : "-",
                    new string('█', (int)Math.Round(30 * Math.Clamp(most <= 0 ? 0 : People(bin) / most, 0, 1))));
            Output.Data.Write(table);
            return Run.Done;
        });
        return command;
    }

    /// <summary>"crowd: 62 where 31.4 are usual, since 14:35 (score 6.1, new)".</summary>
    public static string Sentence(HotspotAnomaly anomaly) => string.Create(
        CultureInfo.InvariantCulture,
        $"{anomaly.Kind}: {(anomaly.Kind == "silence" ? "at most " : "")}{anomaly.Observed:0.#} where {anomaly.Expected:0.#} are usual, since {anomaly.Since:yyyy-MM-dd HH:mm} (score {anomaly.Score:F1}{(anomaly.Emerging == "none" ? "" : $", {anomaly.Emerging}")})");

    private static void Print(HotspotsAnswer answer)
    {
        var anomalies = answer.Anomalies.ToDictionary(a => a.Cell);
        var table = new Table().AddColumns("cell", "people", "score", "why");
        foreach (var silent in answer.Anomalies.Where(a => answer.Cells.All(c => c.Cell != a.Cell))) table.AddRow(new Text(silent.Cell), new Text("-"), new Text(Text(silent.Score, "F1")), new Text(Sentence(silent)));
        foreach (var shown in answer.Cells)
            table.AddRow(new Text(shown.Cell), new Text(Text(People(shown), "0.#")), new Text(shown.Score is { } score ? Text(score, "F1") : "-"), new Text(anomalies.TryGetValue(shown.Cell, out var why) ? Sentence(why) : ""));
        Output.Data.Write(table);
        foreach (var cluster in answer.Clusters.Where(c => c.P < 0.05))
            Output.Line(string.Create(CultureInfo.InvariantCulture, $"cluster around {cluster.Centre}, {cluster.Radius} cells wide, for {cluster.Hours} h: {cluster.Observed} people where {cluster.Expected:0.#} are expected (p {cluster.P:0.###}, by chance once in {cluster.RecurrenceHours:0} h)"));
        Output.Note($"{(answer.Synthetic ? "synthetic; " : "")}{answer.Unit}; {answer.ReleasedCells} cells shown, {answer.MergedCells} merged, {answer.SuppressedCells} hidden below k = {answer.K}");
    }

    private static double People(HotspotCell cell) => cell.NoisyDevices ?? cell.Contributors ?? 0;

    private static int Harm(HotspotCell cell) => cell.Windows?.Where(w => ActivityClasses.IncidentNames.Contains(w.Key)).Sum(w => w.Value) ?? 0;

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
