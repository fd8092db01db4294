using CitySafeSense.Contracts;
using CitySafeSense.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace CitySafeSense.Silo.Api;

/// <summary>The city's alarms: anybody may see them, for they are made of what is released; operators acknowledge them and say by which rules they rise.</summary>
internal static class AlarmsApi
{
    private const int AlarmsMax = 500;

    public static void Map(WebApplication app)
    {
        app.MapGet(Routes.Alarms, async (bool? active, IGrainFactory grains, CityOptions city, Keys keys, HttpRequest request) =>
        {
            var isOperator = keys.MayOperate(request.Headers.Authorization);
            var alarms = await Alarms(grains).Recent(active ?? false, AlarmsMax);
            return TypedResults.Json(new AlarmsAnswer(city.Privacy == PrivacyMode.Simulation, [.. alarms.Select(a => Describe(a, isOperator))]), WireJson.Default.AlarmsAnswer);
        });

        app.MapPost(Routes.Alarms + "/{number:int}/acknowledge", async (int number, AcknowledgeAlarm request, IGrainFactory grains) =>
            TypedResults.Json(Describe(await Alarms(grains).Acknowledge(number, request.By), true), WireJson.Default.AlarmAnswer)).TellingMistakes().ForOperators();

        app.MapGet(Routes.AlarmRules, async (IGrainFactory grains) => TypedResults.Json(
            new AlarmRules([.. (await Alarms(grains).Rules()).Select(r => new AlarmRuleEntry(r.Name, r.Kinds, r.Raise, r.Clear, r.RaiseBins, r.ClearBins, r.CoolDownMinutes))]), WireJson.Default.AlarmRules));

        app.MapPut(Routes.AlarmRules, async (AlarmRules rules, string? by, IGrainFactory grains) =>
        {
            Api.RequireElements(rules.Rules, "$.rules");
            if (rules.Rules.Count == 0) return Api.Refused(StatusCodes.Status400BadRequest, "without rules no alarm would ever rise: name at least one");
            await Alarms(grains).Follow([.. rules.Rules.Select(r => new RuleView(r.Name, [.. r.Kinds], r.Raise, r.Clear, r.RaiseBins, r.ClearBins, r.CoolDownMinutes))], by ?? "an operator");
            return TypedResults.NoContent();
        }).TellingMistakes().ForOperators();
    }

    private static IAlarmGrain Alarms(IGrainFactory grains) => grains.GetGrain<IAlarmGrain>("alarms");

    private static AlarmAnswer Describe(AlarmView alarm, bool isOperator) => new(
        alarm.Number, alarm.Rule, alarm.Cells, alarm.Kind, alarm.State, Math.Round(alarm.Score, 3), Math.Round(alarm.Observed, 1), Math.Round(alarm.Expected, 2),
        At(alarm.Since), At(alarm.Opened), alarm.Acknowledged is { } seen ? At(seen) : null, isOperator ? alarm.AcknowledgedBy : null, alarm.Cleared is { } cleared ? At(cleared) : null);

    private static DateTimeOffset At(long unixSeconds) => DateTimeOffset.FromUnixTimeSeconds(unixSeconds);
}
