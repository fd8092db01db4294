using CitySafeSense.Contracts;
using CitySafeSense.Federation;
using CitySafeSense.Grains;
using CitySafeSense.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace CitySafeSense.Silo.Api;

/// <summary>Federated rounds: started by operators; in simulation everybody may see how they go.</summary>
internal static class RoundsApi
{
    public static void Map(WebApplication app)
    {
        var production = app.Services.GetRequiredService<CityOptions>().Privacy == PrivacyMode.Production;
        app.MapGet(Routes.Rounds, async (IGrainFactory grains, CityOptions city) =>
        {
            var view = await grains.GetGrain<IFederatedRoundGrain>(city.Population).Recent();
            return TypedResults.Json(new RoundsAnswer(view.CheckedIn, [.. view.Rounds.Select(r => new RoundAnswer(
                r.Round, r.Phase, r.Strategy, r.BaseModel, r.Outcome, r.Invited, r.Reported, r.Clipped, r.MeanLoss, r.Started, r.Ended, r.UpdateBytes, r.Epsilon))]), WireJson.Default.RoundsAnswer);
        }).ForOperatorsInProduction(production);

        app.MapPost(Routes.Rounds, async (StartRound start, IGrainFactory grains, CityOptions city) =>
        {
            var terms = RoundTermsMapping.Default(start.Strategy, start.Goal, start.Seed);
            terms = terms with
            {
                OverSelection = start.OverSelection ?? terms.OverSelection,
                Deadline = start.DeadlineSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : terms.Deadline,
                Epochs = start.Epochs ?? terms.Epochs,
                BatchSize = start.BatchSize ?? terms.BatchSize,
                Optimiser = start.Optimiser ?? terms.Optimiser,
                LearningRate = start.LearningRate ?? terms.LearningRate,
                Aggregation = start.Aggregation ?? terms.Aggregation,
                Codec = start.Codec ?? terms.Codec,
                ProximalWeight = start.ProximalWeight ?? terms.ProximalWeight,
                ServerRate = start.ServerRate ?? terms.ServerRate,
                UpdateNormMax = start.UpdateNormMax ?? terms.UpdateNormMax,
                Privacy = start.Privacy is { } p ? new PrivacyTerms(p.NoiseMultiplier, p.SamplingRate, p.Delta, p.EpsilonBudget, p.AdaptsClipping) : null,
                SecureSum = start.SecureSum ? new SecureSumTerms(new SecureSumRule().Threshold) : null,
            };
            if (production && start.Goal * terms.MinimumFraction < city.Contributors)
                return Api.Refused(StatusCodes.Status400BadRequest, $"a round of real devices has at least {city.Contributors} reports, or its loss would be somebody's: raise the goal");
            try
            {
                return TypedResults.Json(new StartedRound(await grains.GetGrain<IFederatedRoundGrain>(city.Population).Start(terms)), WireJson.Default.StartedRound);
            }
            catch (ArgumentException e)
            {
                return Api.Refused(StatusCodes.Status400BadRequest, e.Message);
            }
            catch (InvalidOperationException e)
            {
                return Api.Refused(StatusCodes.Status409Conflict, e.Message);
            }
        }).ForOperators();
    }
}
