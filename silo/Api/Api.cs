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
        WindowsApi.Map(app);
        HotspotsApi.Map(app);
        RoundsApi.Map(app);
        DevicesApi.Map(app);
        ModelsApi.Map(app);
        SimulationApi.Map(app);
    }

    public static TBuilder ForOperators<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.Guarded(static (keys, authorization) => keys.MayOperate(authorization), Keys.OperatorTokenFile);

    public static TBuilder ForDevices<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.Guarded(static (keys, authorization) => keys.MayIngest(authorization), Keys.IngestTokenFile);

    public static IResult Refused(int status, string error) => TypedResults.Json(new ErrorAnswer(error), WireJson.Default.ErrorAnswer, statusCode: status);

    /// <summary>Open to everybody in simulation; about real devices it says how many take part and how they do.</summary>
    public static TBuilder ForOperatorsInProduction<TBuilder>(this TBuilder endpoint, bool production)
        where TBuilder : IEndpointConventionBuilder => production ? endpoint.ForOperators() : endpoint;

    private static TBuilder Guarded<TBuilder>(this TBuilder endpoint, Func<Keys, string?, bool> may, string tokenFile)
        where TBuilder : IEndpointConventionBuilder => endpoint.AddEndpointFilter(async (context, next) =>
    {
        var keys = (Keys)context.HttpContext.RequestServices.GetService(typeof(Keys))!;
        return may(keys, context.HttpContext.Request.Headers.Authorization)
            ? await next(context)
            : Refused(StatusCodes.Status401Unauthorized, $"send \"Authorization: Bearer TOKEN\" with the token in keys/{tokenFile} of the data folder");
    });
}
