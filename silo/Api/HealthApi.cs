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
    public static void Map(WebApplication app) => app.MapGet(Routes.Health, async (IGrainFactory grains, CityOptions city, ICityClock clock, StorageHealth storage) =>
    {
        // Which parts is for anybody; why is in the log.
        var degraded = (await storage.Failing()).ToList();
        try
        {
            await grains.GetGrain<ICityGrain>("city").Regions().WaitAsync(TimeSpan.FromSeconds(2));
        }
        catch (Exception)
        {
            degraded.Add("grains");
        }
        string[] warnings = degraded.Count == 0 ? await Warnings(grains, city) : [];
        var answer = new HealthAnswer(
            degraded.Count == 0 ? "ok" : "degraded", degraded, warnings, typeof(SiloHost).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0],
            ActorRuntime.Name, ActorRuntime.Version, city.Privacy.ToString().ToLowerInvariant(), clock.Now);
        return TypedResults.Json(answer, WireJson.Default.HealthAnswer, statusCode: degraded.Count == 0 ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    });

    /// <summary>What works and should be looked at; nothing where the answer takes too long, which is no fault yet.</summary>
    private static async Task<string[]> Warnings(IGrainFactory grains, CityOptions city)
    {
        try
        {
            return (await grains.GetGrain<IModelReleaseGrain>(city.Population).Show().WaitAsync(TimeSpan.FromSeconds(2))).Warning is { } warning ? [warning] : [];
        }
        catch (TimeoutException)
        {
            return [];
        }
    }
}
