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

        app.MapPost(Routes.Alarms + "/{number:int}/acknowledge", (int number, AcknowledgeAlarm request, IGrainFactory grains) => Explain(async () =>
            TypedResults.Json(Describe(await Alarms(grains).Acknowledge(number, request.By), true), WireJson.Default.AlarmAnswer))).ForOperators();

        app.MapGet(Routes.AlarmRules, async (IGrainFactory grains) => TypedResults.Json(
            new AlarmRules([.. (await Alarms(grains).Rules()).Select(r => new AlarmRuleEntry(r.Name, r.Kinds, r.Raise, r.Clear, r.RaiseBins, r.ClearBins, r.CoolDownMinutes))]), WireJson.Default.AlarmRules));

        app.MapPut(Routes.AlarmRules, (AlarmRules rules, string? by, IGrainFactory grains) => Explain(async () =>
        {
            await Alarms(grains).Follow([.. rules.Rules.Select(r => new RuleView(r.Name, [.. r.Kinds ?? []], r.Raise, r.Clear, r.RaiseBins, r.ClearBins, r.CoolDownMinutes))], by ?? "an operator");
            return TypedResults.NoContent();
        })).ForOperators();
    }

    private static IAlarmGrain Alarms(IGrainFactory grains) => grains.GetGrain<IAlarmGrain>("alarms");

    /// <summary>What the grain will not do is the caller's fault, and it says why.</summary>
    private static async Task<IResult> Explain(Func<Task<IResult>> work)
    {
        try
        {
            return await work();
        }
        catch (ArgumentException e)
        {
            return Api.Refused(StatusCodes.Status400BadRequest, e.Message);
        }
    }

    private static AlarmAnswer Describe(AlarmView alarm, bool isOperator) => new(
        alarm.Number, alarm.Rule, alarm.Cells, alarm.Kind, alarm.State, Math.Round(alarm.Score, 3), Math.Round(alarm.Observed, 1), Math.Round(alarm.Expected, 2),
        At(alarm.Since), At(alarm.Opened), alarm.Acknowledged is { } seen ? At(seen) : null, isOperator ? alarm.AcknowledgedBy : null, alarm.Cleared is { } cleared ? At(cleared) : null);

    private static DateTimeOffset At(long unixSeconds) => DateTimeOffset.FromUnixTimeSeconds(unixSeconds);
}
