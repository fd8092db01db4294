using CitySafeSense.Contracts;
using CitySafeSense.Contracts.Ports;
using CitySafeSense.Grains;
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

        app.MapPost(Routes.SimulationClock, async (SetClock set, IGrainFactory grains, GlobalModels models, CityOptions city) =>
        {
            // Virtual minutes pass in parts of a second: time must not close a bin before what was acknowledged for it is in its cell.
            await Settled(grains);
            if (clock.Told is null) await grains.GetGrain<ICityGrain>("city").BecomeVirtual();
            if (set.Stepped) clock.Step();
            clock.Advance(set.Now);
            foreach (var region in await grains.GetGrain<ICityGrain>("city").Regions()) await grains.GetGrain<IRegionGrain>(region).Advance();
            await grains.GetGrain<IHotspotWatchGrain>("city").Advance();
            if (clock.IsStepped) await Release(grains, models, city.Population);
            return TypedResults.NoContent();
        }).ForOperators();

        app.MapGet(Routes.SimulationSettle, async (IGrainFactory grains) =>
        {
            return TypedResults.Json(new SettleAnswer(await Pending(grains)), WireJson.Default.SettleAnswer);
        }).ForOperators();
    }

    /// <summary>What was seen of the version on trial is told, decided about, and used from the next step on.</summary>
    private static async Task Release(IGrainFactory grains, GlobalModels models, string population)
    {
        await models.Refresh(grains, population);
        await grains.GetGrain<IModelReleaseGrain>(population).Advance();
        await models.Refresh(grains, population);
    }

    /// <exception cref="TimeoutException">Rows still wait for their cells; the virtual city asks again.</exception>
    private static async Task Settled(IGrainFactory grains)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (await Pending(grains) > 0)
        {
            if (TimeProvider.System.GetElapsedTime(started) > Limits.Patience) throw new TimeoutException("rows of the log still wait for their cells");
            await Task.Delay(5);
        }
    }

    private static async Task<long> Pending(IGrainFactory grains) =>
        (await Task.WhenAll(Enumerable.Range(0, Limits.Partitions).Select(p => grains.GetGrain<IIngestLogGrain>(p).Pending()))).Sum();
}
