using System.Reflection;
using CitySafeSense.Contracts;
using CitySafeSense.Contracts.Ports;
using CitySafeSense.Silo.Hosting;
using CitySafeSense.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace CitySafeSense.Silo.Api;

/// <summary>Whether grains and storage answer.</summary>
internal static class HealthApi
{
    public static void Map(WebApplication app) => app.MapGet(Routes.Health, async (IGrainFactory grains, CityOptions city, ICityClock clock) =>
    {
        var healthy = true;
        try
        {
            await grains.GetGrain<IIngestLogGrain>(0).Pending().WaitAsync(TimeSpan.FromSeconds(2));
        }
        catch (Exception)
        {
            healthy = false; // which store, and why, is in the log; the answer goes to anybody
        }
        var answer = new HealthAnswer(
            healthy ? "ok" : "degraded", typeof(SiloHost).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0],
            ActorRuntime.Name, ActorRuntime.Version, city.Privacy.ToString().ToLowerInvariant(), clock.Now);
        return TypedResults.Json(answer, WireJson.Default.HealthAnswer, statusCode: healthy ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    });
}
