using CitySafeSense.Contracts;
using CitySafeSense.Contracts.Ports;
using CitySafeSense.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace CitySafeSense.Silo.Api;

/// <summary>Versions of the global model, with what they were trained on, and the weights.</summary>
internal static class ModelsApi
{
    public static void Map(WebApplication app)
    {
        app.MapGet(Routes.Models, async (IGrainFactory grains, CityOptions city) =>
        {
            var history = await grains.GetGrain<IModelGrain>(city.Population).History();
            return TypedResults.Json(new ModelsAnswer([.. history.Select(m => new ModelAnswer(
                m.Version, m.Hash, m.Round, m.Strategy, m.Clients, m.Committed, m.TrainedOn, m.MeanLoss, m.Epsilon))], Describe(await grains.GetGrain<IModelReleaseGrain>(city.Population).Show())), WireJson.Default.ModelsAnswer);
        }).ForOperatorsInProduction(app.Services.GetRequiredService<CityOptions>().Privacy == PrivacyMode.Production);

        app.MapGet(Routes.Models + "/{hash}", async (string hash, IGrainFactory grains, CityOptions city, IBlobStore blobs) =>
        {
            // Only global versions: a personal model is a blob too, and stays where it is.
            var known = (await grains.GetGrain<IModelGrain>(city.Population).History()).Any(m => m.Hash == hash);
            return known
                ? TypedResults.Bytes(await blobs.Get(hash), "application/octet-stream")
                : Api.Refused(StatusCodes.Status404NotFound, $"no version of the global model is called {hash}");
        }).ForOperators();

        app.MapPost(Routes.Release, async (ChangeRelease change, IGrainFactory grains, CityOptions city) =>
        {
            var release = grains.GetGrain<IModelReleaseGrain>(city.Population);
            return TypedResults.Json(Describe(await (change switch
            {
                { Action: "promote" } => release.Promote(change.Version, change.Force),
                { Action: "rollback", Version: null } => release.Rollback(),
                { Action: "pin", Version: { } version } => release.Pin(version),
                { Action: "unpin", Version: null } => release.Unpin(),
                _ => throw new ArgumentException($"\"{change.Action}\" is not what can be done: promote [version], rollback, pin VERSION, unpin"),
            })), WireJson.Default.ReleaseAnswer);
        }).TellingMistakes().ForOperators();
    }

    private static ReleaseAnswer Describe(ReleaseView view) =>
        new(view.Released, view.Before, view.Candidate, view.Stage, view.IsHeld, view.Standing, [.. view.Events.Select(e => new ReleaseEventAnswer(e.At, e.Version, e.What))], view.Warning);
}
