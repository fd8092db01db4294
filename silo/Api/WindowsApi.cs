using CitySafeSense.Silo.Ingress;
using CitySafeSense.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace CitySafeSense.Silo.Api;

/// <summary>Windows in: the body is <see cref="FrameBatch"/>; 200 means that what is counted as accepted is durable.</summary>
internal static class WindowsApi
{
    public static void Map(WebApplication app) => app.MapPost(Routes.Windows, async (HttpRequest request, WindowIngress ingress) =>
    {
        if (request.ContentType != Routes.WindowFrames) return Api.Refused(StatusCodes.Status415UnsupportedMediaType, $"send {Routes.WindowFrames}");
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        var (frames, error) = FrameBatch.Split(body.GetBuffer().AsSpan(0, (int)body.Length));
        return error is not null
            ? Api.Refused(StatusCodes.Status400BadRequest, error)
            : TypedResults.Json(await ingress.Take(frames), WireJson.Default.IngestAnswer);
    }).ForDevices();
}
