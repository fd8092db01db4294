using System.Globalization;
using System.Text.Json;
using CitySafeSense.Cli.Terminal;
using CitySafeSense.Wire;
using Spectre.Console;

namespace CitySafeSense.Cli.Verbs;

/// <summary>`alarms`: what should be looked at, who has, and by which rules it is told.</summary>
internal static class AlarmVerbs
{
    private const long RulesBytesMax = 1 << 20;
    private static readonly Option<bool> json = Output.JsonOption();

    private static readonly Option<string> by = new("--by") { Description = "Who does it; the audit keeps it.", DefaultValueFactory = _ => Environment.UserName };

    public static Command Command() => new("alarms", """
        Alarms of a silo: open until somebody acknowledges them or what they are about is over.

        They are made of what is released and of nothing else. Rules say from which score on one rises, below which it
        falls, for how many bins in a row, and how long a cell is left alone after that.

        Example: citysafe alarms acknowledge 7 --by ana --token data/keys/operator.token
        Example: citysafe alarms rules export rules.json; citysafe alarms rules import rules.json --token data/keys/operator.token
        """) { List(), Acknowledge(), new Command("rules", "By which rules alarms rise and fall.") { ShowRules(), Export(), Import() } };

    public static string Sentence(AlarmAnswer alarm) => string.Create(
        CultureInfo.InvariantCulture,
        $"alarm {alarm.Number} {alarm.State}: {alarm.Kind} at {alarm.Cells[0]}{(alarm.Cells.Count > 1 ? $" and {alarm.Cells.Count - 1} beside it" : "")}, {alarm.Observed:0.#} where {alarm.Expected:0.#} are usual, since {alarm.Since:yyyy-MM-dd HH:mm} (score {alarm.Score:F1}, rule {alarm.Rule})");

    private static Command List()
    {
        var active = new Option<bool>("--active") { Description = "Only those that have not cleared." };
        var command = new Command("list", "Alarms, the newest first.") { active, SiloTarget.Address, SiloTarget.Token, json };
        command.SetAction(async (parse, cancellation) =>
        {
            var answer = await SiloTarget.Client(parse).Alarms(parse.GetValue(active), cancellation);
            if (parse.GetValue(json))
            {
                Output.Json(JsonSerializer.SerializeToNode(answer, WireJson.Default.AlarmsAnswer)!);
                return Run.Done;
            }
            var table = new Table().AddColumns("alarm", "state", "where", "what", "opened", "seen by", "cleared");
            foreach (var alarm in answer.Alarms)
                table.AddRow(
                    alarm.Number.ToString(CultureInfo.InvariantCulture), alarm.State, alarm.Cells.Count == 1 ? alarm.Cells[0] : $"{alarm.Cells[0]} +{alarm.Cells.Count - 1}",
                    string.Create(CultureInfo.InvariantCulture, $"{alarm.Kind} {alarm.Observed:0.#} of {alarm.Expected:0.#}, score {alarm.Score:F1}"), Time(alarm.Opened), alarm.AcknowledgedBy ?? "", Time(alarm.Cleared));
            Output.Data.Write(table);
            return Run.Done;
        });
        return command;
    }

    private static Command Acknowledge()
    {
        var number = new Argument<int>("NUMBER") { Description = "Of the alarm." };
        var command = new Command("acknowledge", "Say that somebody has seen an alarm.") { number, by, SiloTarget.Address, SiloTarget.Token, json };
        command.SetAction(async (parse, cancellation) =>
        {
            var alarm = await SiloTarget.Client(parse).AcknowledgeAlarm(parse.GetValue(number), parse.GetValue(by)!, cancellation);
            if (parse.GetValue(json)) Output.Json(JsonSerializer.SerializeToNode(alarm, WireJson.Default.AlarmAnswer)!);
            else Output.Line(Sentence(alarm));
            return Run.Done;
        });
        return command;
    }

    private static Command ShowRules()
    {
        var command = new Command("show", "The rules there are.") { SiloTarget.Address, json };
        command.SetAction(async (parse, cancellation) =>
        {
            var rules = await SiloTarget.Client(parse).AlarmRules(cancellation);
            if (parse.GetValue(json))
            {
                Output.Json(JsonSerializer.SerializeToNode(rules, WireJson.Default.AlarmRules)!);
                return Run.Done;
            }
            var table = new Table().AddColumns("rule", "kinds", "raise", "clear", "raise bins", "clear bins", "cool-down");
            foreach (var rule in rules.Rules)
                table.AddRow(rule.Name, string.Join(' ', rule.Kinds), Text(rule.Raise), Text(rule.Clear), Text(rule.RaiseBins), Text(rule.ClearBins), $"{rule.CoolDownMinutes} min");
            Output.Data.Write(table);
            return Run.Done;
        });
        return command;
    }

    private static Command Export()
    {
        var file = Paths.OutputArgument("FILE", "Where to; it must not exist.");
        var command = new Command("export", "Write the rules to a JSON file.") { file, SiloTarget.Address };
        command.SetAction(async (parse, cancellation) =>
        {
            var rules = await SiloTarget.Client(parse).AlarmRules(cancellation);
            await using var stream = new FileStream(parse.GetValue(file)!.FullName, FileMode.CreateNew);
            await using var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
            JsonSerializer.Serialize(writer, rules, WireJson.Default.AlarmRules);
            Output.Note($"{rules.Rules.Count} rules written to {parse.GetValue(file)}");
            return Run.Done;
        });
        return command;
    }

    private static Command Import()
    {
        var file = Paths.InputArgument("FILE", "As `alarms rules export` wrote it.");
        var command = new Command("import", "Follow the rules of a JSON file in place of those there are.") { file, by, SiloTarget.Address, SiloTarget.Token };
        command.SetAction(async (parse, cancellation) =>
        {
            var source = parse.GetValue(file)!;
            if (source.Length > RulesBytesMax) throw new ArgumentException($"{source.FullName}: {source.Length} bytes; a file of rules has at most {RulesBytesMax}");
            AlarmRules rules;
            try
            {
                rules = JsonSerializer.Deserialize(await File.ReadAllTextAsync(source.FullName, cancellation), WireJson.Default.AlarmRules) is { Rules: not null } read
                    ? read : throw new ArgumentException($"{source.FullName}: an object with \"rules\" is needed");
            }
            catch (JsonException e)
            {
                throw new ArgumentException($"{source.FullName}: {e.Message}", e);
            }
            await SiloTarget.Client(parse).ChangeAlarmRules(rules, parse.GetValue(by)!, cancellation);
            Output.Note($"{rules.Rules.Count} rules are followed from now on");
            return Run.Done;
        });
        return command;
    }

    private static string Time(DateTimeOffset? time) => time?.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) ?? "";

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);
}
