using CitySafeSense.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace CitySafeSense.Silo.Api;

/// <summary>What all endpoints share: who may call, and how an error looks.</summary>
internal static class Api
{
    public static void MapApi(this WebApplication app)
    {
        HealthApi.Map(app);
        IngestApi.Map(app);
        HotspotsApi.Map(app);
        AlarmsApi.Map(app);
        RoundsApi.Map(app);
        DevicesApi.Map(app);
        ModelsApi.Map(app);
        SimulationApi.Map(app);
    }

    public static TBuilder ForOperators<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.AddEndpointFilter(async (context, next) =>
    {
        var keys = (Keys)context.HttpContext.RequestServices.GetService(typeof(Keys))!;
        return keys.MayOperate(context.HttpContext.Request.Headers.Authorization) ? await next(context) : Unauthorised(Keys.OperatorTokenFile);
    });

    public static IResult Refused(int status, string error) => TypedResults.Json(new ErrorAnswer(error), WireJson.Default.ErrorAnswer, statusCode: status);

    /// <summary>Open to everybody in simulation; about real devices it says how many take part and how they do.</summary>
    public static TBuilder ForOperatorsInProduction<TBuilder>(this TBuilder endpoint, bool production)
        where TBuilder : IEndpointConventionBuilder => production ? endpoint.ForOperators() : endpoint;

    public static IResult Unauthorised(string tokenFile) =>
        Refused(StatusCodes.Status401Unauthorized, $"send \"Authorization: Bearer TOKEN\" with the token in keys/{tokenFile} of the data folder");
}
