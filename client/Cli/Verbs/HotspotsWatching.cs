using System.Text.Json;
using CitySafeSense.Cli.Terminal;
using CitySafeSense.Wire;

namespace CitySafeSense.Cli.Verbs;

/// <summary>`hotspots watch`: what a silo releases, as it does.</summary>
internal static class HotspotsWatching
{
    public static Command Command()
    {
        var every = new Option<double>("--every") { Description = "Seconds between two looks.", DefaultValueFactory = _ => 2 };
        var lasting = new Option<double?>("--for") { Description = "Seconds to watch; until interrupted where left out." };
        var floor = new Option<double>("--score") { Description = "Only what scores as much.", DefaultValueFactory = _ => 3 };
        var json = Output.JsonOption();
        var command = new Command("watch", """
            Prints what becomes extraordinary, and alarms as they open, widen and clear. One line for each; with --json one object on a line.

            Example: citysafe hotspots watch --score 4
            """) { every, lasting, floor, SiloTarget.Address, json };
        command.SetAction(async (parse, cancellation) =>
        {
            var (pause, score) = (parse.GetValue(every), parse.GetValue(floor));
            if (pause is < 0.1 or > 3600) throw new ArgumentException("--every must be 0.1 to 3600 seconds");
            if (parse.GetValue(lasting) is { } seconds && seconds is <= 0 or > 1e7) throw new ArgumentException("--for must be a number of seconds above 0");
            var (client, began, isJson) = (SiloTarget.Client(parse), TimeProvider.System.GetTimestamp(), parse.GetValue(json));
            var (told, alarms) = (new Dictionary<string, HotspotAnomaly>(), new Dictionary<int, AlarmAnswer>());
            while (!cancellation.IsCancellationRequested)
            {
                var now = await client.Hotspots(cancellation: cancellation);
                foreach (var anomaly in now.Anomalies.Where(a => a.Score >= score && !(told.TryGetValue(a.Cell, out var before) && before.Kind == a.Kind)))
                    Say(isJson, JsonSerializer.Serialize(anomaly, WireJson.Default.HotspotAnomaly), $"{anomaly.Cell}  {HotspotVerbs.Sentence(anomaly)}");
                told = now.Anomalies.Where(a => a.Score >= score).ToDictionary(a => a.Cell);
                foreach (var alarm in (await client.Alarms(cancellation: cancellation)).Alarms.OrderBy(a => a.Number))
                {
                    if (alarms.TryGetValue(alarm.Number, out var before) ? before.State == alarm.State && before.Cells.Count == alarm.Cells.Count : alarm.State == "cleared") continue;
                    alarms[alarm.Number] = alarm;
                    Say(isJson, JsonSerializer.Serialize(alarm, WireJson.Default.AlarmAnswer), AlarmVerbs.Sentence(alarm));
                }
                if (parse.GetValue(lasting) is { } most && TimeProvider.System.GetElapsedTime(began).TotalSeconds + pause > most) break;
                await Task.Delay(TimeSpan.FromSeconds(pause), cancellation);
            }
            return Run.Done;
        });
        return command;
    }

    private static void Say(bool isJson, string document, string sentence) => Output.Line(isJson ? document : sentence);
}
