using System.Diagnostics;
using System.Text.Json.Nodes;
using CitySafeSense.Cli.Terminal;
using CitySafeSense.InProcess;
using Spectre.Console;

namespace CitySafeSense.Cli.Verbs.Privacy;

/// <summary>`verify privacy`: attacks on what is released of people, and the search for ids that must be nowhere.</summary>
internal static class VerifyPrivacy
{
    private const string IdInCell = "id-in-cell";

    private static readonly Dictionary<string, PrivacyPlant> plants = new()
    {
        ["k-minus-one"] = PrivacyPlant.KMinusOne,
        ["resampled-noise"] = PrivacyPlant.ResampledNoise,
        ["raw-alarm"] = PrivacyPlant.RawAlarm,
        ["no-noise"] = PrivacyPlant.NoNoise,
        ["owner-blind"] = PrivacyPlant.OwnerBlind,
        ["fixed-pseudonym"] = PrivacyPlant.FixedPseudonym,
        [IdInCell] = PrivacyPlant.None,
    };

    public static Command Command()
    {
        var plant = new Option<string>("--plant") { Description = $"A fault that must be found: {string.Join(", ", plants.Keys)}." };
        var (seed, json) = (Output.SeedOption(), Output.JsonOption());
        var command = new Command("privacy", """
            Attack what is released: a cell of k - 1 people, the difference of two releases around one device, the mean of a
            thousand answers, one owner's twenty devices, pseudonyms of another bin, a parent less its children, late data,
            crashes between drawing noise and storing it, alarms as an oracle, overlapping boxes. Then two hundred ids live in
            a silo, and are looked for in any unkeyed form in the cells' store, its write-ahead log, the log and all answers.

            Example: citysafe verify privacy --json
            Example: citysafe verify privacy --plant resampled-noise   (must exit 1)
            """) { plant, seed, json };
        command.SetAction(async (parse, cancellation) =>
        {
            var planted = PrivacyPlant.None;
            if (parse.GetValue(plant) is { } name && !plants.TryGetValue(name, out planted)) throw new ArgumentException($"--plant {name}: there is {string.Join(", ", plants.Keys)}");
            var started = Stopwatch.GetTimestamp();
            var outcomes = new List<AttackOutcome>();
            foreach (var attack in PrivacyAttacks.Names)
            {
                Output.Note(attack);
                outcomes.Add(await PrivacyAttacks.Try(attack, planted, parse.GetValue(seed)));
            }
            Output.Note("planted_ids");
            outcomes.AddRange(await PlantedIds.Seek(parse.GetValue(plant) == IdInCell, parse.GetValue(seed), cancellation));
            var answer = new JsonObject
            {
                ["plant"] = parse.GetValue(plant) ?? "none",
                ["attacks"] = new JsonObject([.. outcomes.Select(o => KeyValuePair.Create(o.Name, (JsonNode?)new JsonObject { ["tries"] = o.Tries, ["violations"] = o.Violations.Count }))]),
                ["violations"] = outcomes.Sum(o => o.Violations.Count),
                ["first_violations"] = new JsonArray([.. outcomes.SelectMany(o => o.Violations.Take(3).Select(v => JsonValue.Create($"{o.Name}: {v}")))]),
                ["seconds"] = Math.Round(Stopwatch.GetElapsedTime(started).TotalSeconds, 1),
            };
            if (parse.GetValue(json)) Output.Json(answer);
            else Print(outcomes);
            return outcomes.Any(o => o.Violations.Count > 0) ? Run.Failed : Run.Done;
        });
        return command;
    }

    private static void Print(List<AttackOutcome> outcomes)
    {
        var table = new Table().AddColumns("attack", "tries", "came through", "");
        foreach (var outcome in outcomes)
            table.AddRow(new Text(outcome.Name), new Text($"{outcome.Tries}"), new Text($"{outcome.Violations.Count}"), new Text(outcome.Violations.FirstOrDefault() ?? ""));
        Output.Data.Write(table);
    }
}
