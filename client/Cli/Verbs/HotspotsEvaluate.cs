using System.Globalization;
using System.IO.Compression;
using System.Text.Json.Nodes;
using CitySafeSense.Cli.Terminal;
using CitySafeSense.Geo;
using CitySafeSense.Hotspots;
using CitySafeSense.Numerics;
using CitySafeSense.Tables;
using Spectre.Console;

namespace CitySafeSense.Cli.Verbs;

/// <summary>`hotspots evaluate`: how well past events say where later ones happen, beside simpler ways of saying so.</summary>
internal static class HotspotsEvaluate
{
    private const int RadiusMax = 8;
    private const string AllPast = "all past counts", Ours = "shrunken rate";
    private static readonly double[] bandwidths = [0.5, 0.7, 1, 1.4, 2, 2.8];

    public static Command Command()
    {
        var points = Paths.Input("--points", "CSV, or CSV.gz, of geocoded, dated events; columns are found by name (lat, lon, date ...).", required: true);
        var train = new Option<string>("--train") { Description = "Years to learn from, oldest first, with commas between: two or more, since the last fixes what is fitted.", Required = true };
        var test = new Option<int>("--test") { Description = "The year to tell beforehand.", Required = true };
        var area = Paths.Input("--area", "GeoJSON whose polygons are the area, every cell of it. Left out: the one GeoJSON file beside the points.");
        var resolution = new Option<int>("--resolution") { Description = "Of the H3 cells.", DefaultValueFactory = _ => 9 };
        var share = new Option<double>("--share") { Description = "Share of the area that may be named.", DefaultValueFactory = _ => 0.05 };
        var separator = new Option<string>("--separator") { Description = "Between the cells of --points: one character, or tab. Found in the first line where left out." };
        var decimalMark = new Option<string>("--decimal") { Description = "Mark of decimals in --points, . or ,; found where left out." };
        var encoding = new Option<string>("--encoding") { Description = "Of --points: utf-8, utf-16, latin1 ...; UTF-8 where it is that, else Latin-1, where left out." };
        var dateFormat = new Option<string>("--date-format") { Description = "Of its dates, as dd/MM/yyyy; found where left out, and asked for where dates may begin with the day as well as with the month." };
        var (seed, json) = (Output.SeedOption(), Output.JsonOption());
        var command = new Command("evaluate", """
            Name the cells where most events of a year will be, from years before it, and count how many were there: hit rate, and
            predictive accuracy index (hit rate over share of the area). Counts are shrunken towards their surroundings where the
            years to learn from show that it helps, beyond chance; else they stand. Beside it: uniform, last year's counts, all past counts,
            a kernel density, and the oracle that knows the year. The interval is a bootstrap over cells.

            Example: citysafe hotspots evaluate --points accidents.csv.gz --train 2011,2012 --test 2014 --area districts.geojson
            """) { points, train, test, area, resolution, share, separator, decimalMark, encoding, dateFormat, seed, json };
        command.SetAction(parse =>
        {
            if (parse.GetValue(share) is not (> 0 and < 1)) throw new ArgumentException("--share must be between 0 and 1");
            if (parse.GetValue(resolution) is not (>= 5 and <= 11)) throw new ArgumentException("--resolution must be 5 to 11");
            var years = Years(parse.GetValue(train)!);
            var file = parse.GetValue(points)!;
            var dialect = TableDialect.Parse(parse.GetValue(separator), parse.GetValue(decimalMark), parse.GetValue(encoding), parse.GetValue(dateFormat));
            var outline = parse.GetValue(area) ?? Beside(file);
            using var geo = outline.OpenRead();
            var map = GeoJson.ReadArea(geo, outline.Name);
            var cells = map.Cells(parse.GetValue(resolution));
            if (cells.Count < 20) throw new ArgumentException($"{outline.Name} has {cells.Count} cells of resolution {parse.GetValue(resolution)}: choose a finer one");
            var table = Events(file, dialect);
            Output.Note($"{file.Name}: {table.Understood}");
            Output.Note($"{table.Events.Count} events, {table.Unplaced.Values.Sum()} without a place{(table.Unplaced.Count == 0 ? "" : $" ({string.Join(", ", table.Unplaced.Select(u => $"{u.Value} {u.Key}"))})")}, {cells.Count} cells of {outline.Name}");
            RequireOverlap(map, table.Events, outline.Name);
            var answer = Evaluate(cells, table.Events, years, parse.GetValue(test), parse.GetValue(share), parse.GetValue(seed));
            if (parse.GetValue(json)) Output.Json(answer);
            else Print(answer);
            return Run.Done;
        });
        return command;
    }

    private static JsonObject Evaluate(IReadOnlyList<CellId> cells, IReadOnlyList<DatedPoint> events, int[] years, int test, double share, ulong seed)
    {
        var (zones, counts) = (new ScanZones(cells, RadiusMax), Counts(cells, events, [.. years, test]));
        var (truth, past, last, earlier) = (counts[test], Sum(years), counts[years[^1]], Sum(years[..^1]));
        var bandwidth = bandwidths.MaxBy(b => HitRate(KernelDensity.Of(zones, earlier, b), last));
        var rate = ShrunkenRate.Fit(zones, [.. years.Select(y => counts[y])], share, Rng.For(seed, "fit"));
        var scores = new Dictionary<string, double[]>
        {
            ["uniform"] = new double[cells.Count],
            ["last year's counts"] = last,
            [AllPast] = past,
            ["kernel density"] = KernelDensity.Of(zones, past, bandwidth),
            [Ours] = rate.Of(zones, past, years.Length),
            ["oracle"] = truth,
        };
        var (oracle, total) = (HitRate(truth, truth), truth.Sum());
        var (ours, beside) = (PredictiveAccuracy.Chosen(scores[Ours], share), PredictiveAccuracy.Chosen(scores[AllPast], share));
        double[] differences = [.. truth.Select((n, i) => n * (ours[i] - beside[i]) / total * cells.Count)];
        var interval = PairedBootstrap.Of(differences, Rng.For(seed, "cells"), resamples: 2000);
        return new JsonObject
        {
            ["cells"] = cells.Count,
            ["cells_named"] = Math.Round(share * cells.Count, 1),
            ["share"] = share,
            ["events"] = new JsonObject([.. counts.Select(y => KeyValuePair.Create(y.Key.ToString(CultureInfo.InvariantCulture), (JsonNode?)y.Value.Sum()))]),
            ["methods"] = new JsonObject([.. scores.Select(s => KeyValuePair.Create(s.Key, (JsonNode?)Describe(HitRate(s.Value, truth))))]),
            ["over_all_past_counts"] = new JsonObject { ["difference"] = Rounded(interval.Mean), ["low"] = Rounded(interval.Low), ["high"] = Rounded(interval.High) },
            ["fixed_on_training"] = new JsonObject { ["kernel_bandwidth_steps"] = bandwidth, ["rate_bandwidth_steps"] = rate.Bandwidth, ["rate_prior_years"] = rate.PriorYears },
        };

        double HitRate(double[] of, double[] happened) => PredictiveAccuracy.HitRate(PredictiveAccuracy.Chosen(of, share), happened);

        double[] Sum(int[] some) => [.. Enumerable.Range(0, cells.Count).Select(i => some.Sum(y => counts[y][i]))];

        JsonObject Describe(double hit) => new() { ["hit_rate"] = Rounded(hit), ["accuracy_index"] = Rounded(hit / share), ["share_of_oracle"] = Rounded(hit / oracle) };
    }

    private static Dictionary<int, double[]> Counts(IReadOnlyList<CellId> cells, IReadOnlyList<DatedPoint> events, int[] years)
    {
        var (index, resolution) = (cells.Select((c, i) => (c, i)).ToDictionary(c => c.c, c => c.i), cells[0].Resolution);
        var counts = years.ToDictionary(y => y, _ => new double[cells.Count]);
        foreach (var happened in events)
            if (counts.TryGetValue(happened.Day.Year, out var year) && index.TryGetValue(H3.LatLngToCell(happened.Position, resolution), out var cell)) year[cell]++;
        foreach (var (year, of) in counts)
            if (of.Sum() == 0) throw new ArgumentException($"no event of {year} lies in the area");
        return counts;
    }

    private static EventTable Events(FileInfo file, TableDialect dialect)
    {
        using var stream = file.OpenRead();
        using var content = file.Name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(stream, CompressionMode.Decompress) : (Stream)stream;
        return EventTable.Read(content, file.Name, dialect);
    }

    /// <exception cref="ArgumentException">No event lies in the area. The message says whether latitude and longitude look exchanged.</exception>
    private static void RequireOverlap(Area area, IReadOnlyList<DatedPoint> events, string outline)
    {
        if (events.Any(e => area.Contains(e.Position))) return;
        var exchanged = events.Count(e => area.ContainsExchanged(e.Position));
        throw new ArgumentException($"no event lies in {outline}{(exchanged > 0 ? $": latitude and longitude look exchanged, in the events or in the area, for {exchanged} would lie in it the other way round" : "")}");
    }

    private static FileInfo Beside(FileInfo points) => points.Directory!.GetFiles("*.geojson") is [var only] ? only
        : throw new ArgumentException($"which cells are the area? {points.Directory.GetFiles("*.geojson").Length} GeoJSON files lie beside {points.Name}: give --area FILE.geojson");

    private static int[] Years(string text)
    {
        int[] years = [.. text.Split(',').Select(y => int.TryParse(y, NumberStyles.None, CultureInfo.InvariantCulture, out var year) ? year : throw new ArgumentException($"--train {text}: years with commas between are needed, as 2011,2012"))];
        return years.Length >= 2 && years.Distinct().Count() == years.Length ? years : throw new ArgumentException($"--train {text}: two years or more are needed, each once");
    }

    private static double Rounded(double value) => Math.Round(value, 5);

    private static void Print(JsonObject answer)
    {
        var table = new Table().AddColumns("method", "hit rate", "accuracy index", "share of the oracle's");
        foreach (var (name, method) in answer["methods"]!.AsObject())
            table.AddRow(name, $"{(double)method!["hit_rate"]!:P1}", $"{(double)method["accuracy_index"]!:F2}", $"{(double)method["share_of_oracle"]!:P1}");
        Output.Data.Write(table);
        var over = answer["over_all_past_counts"]!;
        Output.Line(string.Create(CultureInfo.InvariantCulture, $"{Ours} over {AllPast}: {(double)over["difference"]!:P2} (95 %: {(double)over["low"]!:P2} to {(double)over["high"]!:P2}) of the events, in {(double)answer["share"]!:P0} of {answer["cells"]} cells"));
    }
}
