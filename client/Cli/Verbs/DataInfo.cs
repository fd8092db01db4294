using System.Text.Json.Nodes;
using CitySafeSense.Cli.Models;
using CitySafeSense.Cli.Terminal;
using CitySafeSense.Sensing;
using CitySafeSense.Sensing.Recordings;
using Spectre.Console;

namespace CitySafeSense.Cli.Verbs;

/// <summary>`data info FILE.npz`: what is in an archive, and how its recordings would be cut.</summary>
internal static class DataInfo
{
    public static Command Command()
    {
        var file = Paths.InputArgument("FILE", "An .npz archive, or a table of windows (.csv) as `data synth` writes it.");
        var json = Output.JsonOption();
        var command = new Command("info", """
            List the arrays of an .npz archive; for inertial recordings also people, labels and the windows they give.
            For a table of windows: people, windows, labels.

            Example: citysafe data info recordings.npz
            """) { file, json };
        command.SetAction(parse =>
        {
            var path = parse.GetValue(file)!;
            if (WindowData.IsTable(path))
            {
                var windows = Windows(path);
                if (parse.GetValue(json)) Output.Json(windows);
                else foreach (var (name, value) in windows) Output.Data.WriteLine($"{name,-18} {value?.ToJsonString()}");
                return Run.Done;
            }
            using var stream = path.OpenRead();
            using var archive = new NpzArchive(stream, path.Name);
            var arrays = archive.Names.Select(archive.Read).ToArray();
            var answer = new JsonObject
            {
                ["file"] = path.Name,
                ["arrays"] = new JsonArray([.. arrays.Select(a => new JsonObject
                {
                    ["name"] = a.Name[(a.Name.LastIndexOf('/') + 1)..],
                    ["type"] = $"{a.Kind}{a.ItemBytes}",
                    ["shape"] = new JsonArray([.. a.Shape.Select(n => JsonValue.Create(n))]),
                })]),
            };
            if (archive.Names.Contains("signals") && archive.Names.Contains("labels") && archive.Names.Contains("user")) answer["recordings"] = Recordings(archive);
            if (parse.GetValue(json)) Output.Json(answer);
            else Print(answer);
            return Run.Done;
        });
        return command;
    }

    private static JsonObject Windows(FileInfo file)
    {
        var data = WindowData.Load(file, 0, 0);
        return new()
        {
            ["file"] = file.Name,
            ["people"] = data.Windows.Select(w => w.Person).Distinct().Count(),
            ["windows"] = data.Windows.Count,
            ["windows_by_label"] = new JsonObject(data.Windows.GroupBy(w => w.Label).OrderBy(g => g.Key).Select(g => KeyValuePair.Create(data.Classes[g.Key], (JsonNode?)g.Count()))),
        };
    }

    private static JsonObject Recordings(NpzArchive archive)
    {
        var recordings = ImuRecordings.Read(archive);
        var labels = new JsonObject();
        for (var l = 0; l < recordings.LabelNames.Count; l++)
            labels[recordings.LabelNames[l]] = Math.Round(recordings.Labels.Count(x => x == l) / WindowSchema.Default.SampleRateHertz, 1);
        var split = ActivitySegments.Split(recordings, [1, 2, 3, 4, 5, 6]);
        return new JsonObject
        {
            ["recordings"] = recordings.Recordings,
            ["people"] = recordings.Person.Distinct().Count(),
            ["sample_rate_hertz"] = WindowSchema.Default.SampleRateHertz,
            ["seconds_by_label"] = labels,
            ["training_windows"] = split.Sum(p => p.Training.Count),
            ["test_windows"] = split.Sum(p => p.Test.Count),
        };
    }

    private static void Print(JsonObject answer)
    {
        var table = new Table().AddColumns("array", "type", "shape");
        foreach (var array in answer["arrays"]!.AsArray())
            table.AddRow(array!["name"]!.ToString(), array["type"]!.ToString(), $"({string.Join(", ", array["shape"]!.AsArray())})");
        Output.Data.Write(table);
        if (answer["recordings"] is not JsonObject recordings) return;
        foreach (var (name, value) in recordings)
            if (value is not JsonObject) Output.Data.WriteLine($"{name,-18} {value}");
        foreach (var (label, seconds) in recordings["seconds_by_label"]!.AsObject()) Output.Data.WriteLine($"  {label,-20} {seconds,8} s");
    }
}
