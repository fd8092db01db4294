using CitySafeSense.Contracts;
using CitySafeSense.Contracts.Ports;
using CitySafeSense.Silo.Ports;
using CitySafeSense.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace CitySafeSense.Silo.Api;

/// <summary>What a virtual city needs besides: it says what time it is, and may wait until cells have what was acknowledged. Absent in production.</summary>
internal static class SimulationApi
{
    public static void Map(WebApplication app)
    {
        if (app.Services.GetService(typeof(ICityClock)) is not VirtualCityClock clock) return;

        app.MapPost(Routes.SimulationClock, async (SetClock set, IGrainFactory grains) =>
        {
            clock.Advance(set.Now);
            foreach (var region in await grains.GetGrain<ICityGrain>("city").Regions()) await grains.GetGrain<IRegionGrain>(region).Advance();
            return TypedResults.NoContent();
        }).ForOperators();

        app.MapGet(Routes.SimulationSettle, async (IGrainFactory grains) =>
        {
            var pending = await Task.WhenAll(Enumerable.Range(0, Limits.Partitions).Select(p => grains.GetGrain<IIngestLogGrain>(p).Pending()));
            return TypedResults.Json(new SettleAnswer(pending.Sum()), WireJson.Default.SettleAnswer);
        }).ForOperators();
    }
}
