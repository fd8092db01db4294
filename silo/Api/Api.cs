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

    /// <summary>What a grain will not do because of what it was asked is the caller's mistake, and the answer says why: 400 for what can never be, 409 for what cannot be now.</summary>
    public static TBuilder TellingMistakes<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.AddEndpointFilter(async (context, next) =>
    {
        try
        {
            return await next(context);
        }
        catch (ArgumentException e)
        {
            return Refused(StatusCodes.Status400BadRequest, e.ParamName is { } parameter ? e.Message.Replace($" (Parameter '{parameter}')", "") : e.Message);
        }
        catch (Exception e) when (e is InvalidOperationException or KeyNotFoundException)
        {
            return Refused(StatusCodes.Status409Conflict, e.Message);
        }
    });

    /// <summary>The serialiser takes null for an element of a list of objects.</summary>
    /// <exception cref="ArgumentException">One is null; names its place.</exception>
    public static void RequireElements<T>(IReadOnlyList<T> elements, string path)
        where T : class
    {
        for (var i = 0; i < elements.Count; i++)
            if (elements[i] is null) throw new ArgumentException(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"the body is not the JSON that is needed at {path}[{i}]: it must not be null"));
    }

    public static IResult Refused(int status, string error) => TypedResults.Json(new ErrorAnswer(error), WireJson.Readable.ErrorAnswer, statusCode: status);

    /// <summary>Open to everybody in simulation; about real devices it says how many take part and how they do.</summary>
    public static TBuilder ForOperatorsInProduction<TBuilder>(this TBuilder endpoint, bool production)
        where TBuilder : IEndpointConventionBuilder => production ? endpoint.ForOperators() : endpoint;

    public static IResult Unauthorised(string tokenFile) =>
        Refused(StatusCodes.Status401Unauthorized, $"send \"Authorization: Bearer TOKEN\" with the token in keys/{tokenFile} of the data folder");
}
