using System.Diagnostics;
using System.Text.Json.Nodes;
using CitySafeSense.Cli.Terminal;
using CitySafeSense.InProcess;
using Spectre.Console;

namespace CitySafeSense.Cli.Verbs.Federated;

/// <summary>`verify rounds`: federated rounds on virtual time, through crashes and lies, with a ledger outside.</summary>
internal static class VerifyRounds
{
    private static readonly Dictionary<string, RoundPlant> plants = new()
    {
        ["double-commit"] = RoundPlant.DoubleCommit,
        ["count-twice"] = RoundPlant.CountTwice,
        ["budget-overrun"] = RoundPlant.BudgetOverrun,
    };

    public static Command Command()
    {
        var seeds = new Option<int>("--seeds") { Description = "Stories, each from a seed of its own.", DefaultValueFactory = _ => 500 };
        var plant = new Option<string>("--plant") { Description = $"A fault that must be found: {string.Join(", ", plants.Keys)}." };
        var (seed, json) = (Output.SeedOption(), Output.JsonOption());
        var command = new Command("rounds", """
            Run federated rounds on virtual time while the process crashes, disks refuse and tear, calls are lost and reports
            come twice, late, from strangers and as nonsense; and see whether anybody was counted twice, a round closed
            twice, a commit was half done, or a privacy budget overrun.

            Example: citysafe verify rounds --seeds 500 --json
            Example: citysafe verify rounds --seeds 50 --plant count-twice   (must exit 1)
            """) { seeds, plant, seed, json };
        command.SetAction(parse =>
        {
            if (parse.GetValue(seeds) is < 1 or > 1_000_000) throw new ArgumentException("--seeds must be 1 to 1000000");
            var planted = RoundPlant.None;
            if (parse.GetValue(plant) is { } name && !plants.TryGetValue(name, out planted)) throw new ArgumentException($"--plant {name}: there is {string.Join(", ", plants.Keys)}");
            var started = Stopwatch.GetTimestamp();
            var outcomes = new List<RoundStoryOutcome>();
            for (var s = 0; s < parse.GetValue(seeds); s++)
            {
                outcomes.Add(RoundStory.Play(parse.GetValue(seed) + (ulong)s, planted));
                if (s % 50 == 49) Output.Note($"{s + 1} of {parse.GetValue(seeds)} stories, {outcomes.Sum(o => o.Violations.Count)} violations");
            }
            var answer = new JsonObject
            {
                ["seeds"] = outcomes.Count,
                ["rounds"] = outcomes.Sum(o => o.Rounds),
                ["committed"] = outcomes.Sum(o => o.Committed),
                ["abandoned"] = outcomes.Sum(o => o.Abandoned),
                ["updates_counted"] = outcomes.Sum(o => o.Counted),
                ["noisy_sums"] = outcomes.Sum(o => o.Releases),
                ["crashes"] = outcomes.Sum(o => o.Crashes),
                ["faults"] = outcomes.Sum(o => o.Faults),
                ["violations"] = outcomes.Sum(o => o.Violations.Count),
                ["first_violations"] = new JsonArray([.. outcomes.SelectMany(o => o.Violations.Select(v => JsonValue.Create($"seed {o.Seed}: {v}"))).Take(10)]),
                ["seconds"] = Math.Round(Stopwatch.GetElapsedTime(started).TotalSeconds, 1),
            };
            if (parse.GetValue(json)) Output.Json(answer);
            else foreach (var (field, value) in answer) Output.Data.WriteLine($"{field,-18} {value?.ToJsonString()}");
            return outcomes.Any(o => o.Violations.Count > 0) ? Run.Failed : Run.Done;
        });
        return command;
    }
}
