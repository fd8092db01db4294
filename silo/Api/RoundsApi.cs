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
                r.Round, r.Phase, r.Strategy, r.BaseModel, r.Outcome, r.Invited, r.Reported, r.Clipped, r.MeanLoss, r.Started, r.Ended, r.UpdateBytes, r.Epsilon, production || r.Declined.Length == 0 ? null : r.Declined))]), WireJson.Default.RoundsAnswer);
        }).ForOperatorsInProduction(production);

        app.MapPost(Routes.Rounds, async (StartRound start, IGrainFactory grains, CityOptions city) =>
        {
            var terms = Terms(start);
            terms.ToPlan(1).Validate();
            if (production && start.Goal * terms.MinimumFraction < city.Contributors)
                return Api.Refused(StatusCodes.Status400BadRequest, $"a round of real devices has at least {city.Contributors} reports, or its loss would be somebody's: raise the goal");
            var rounds = grains.GetGrain<IFederatedRoundGrain>(city.Population);
            // A private round draws from the devices there are. Any other round waits for its goal until the deadline.
            if (terms.Privacy is null && (await rounds.Recent()).CheckedIn is var willing && willing < start.Goal)
                return Api.Refused(StatusCodes.Status409Conflict, $"{willing} devices would take part now, and the goal is {start.Goal} reports: lower the goal, or wait until more have sent enough windows to learn from");
            return TypedResults.Json(new StartedRound(await rounds.Start(terms)), WireJson.Default.StartedRound);
        }).TellingMistakes().ForOperators();
    }

    /// <summary>What is left out takes the default of a round.</summary>
    /// <exception cref="ArgumentException">The deadline is no time; all else is checked where the round starts.</exception>
    private static RoundTerms Terms(StartRound start)
    {
        if (start.DeadlineSeconds is not (null or (> 0 and <= 86_400))) throw new ArgumentException("round: deadline must be above 0 and up to a day, in seconds");
        var terms = RoundTermsMapping.Default(start.Strategy, start.Goal, start.Seed);
        return terms with
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
    }
}
