using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using CitySafeSense.Sensing;
using CitySafeSense.Silo.Broker;
using CitySafeSense.Silo.Devices;
using CitySafeSense.Silo.Ingress;
using CitySafeSense.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace CitySafeSense.Silo.Api;

/// <summary>
/// Windows and events in: 200 means that what is counted as accepted is durable. Gateways send the ingest token and speak for
/// many devices; a device sends its own credential and speaks for itself.
/// </summary>
internal static class IngestApi
{
    public static void Map(WebApplication app)
    {
        app.MapPost(Routes.Windows, async (HttpRequest request, Keys keys, DeviceRegistry registry, IngestPipeline pipeline, DeadLetters deadLetters) =>
        {
            var (allowed, device) = await Caller(request, keys, registry);
            if (!allowed) return Api.Unauthorised(Keys.IngestTokenFile);
            if (request.ContentType != Routes.WindowFrames) return Api.Refused(StatusCodes.Status415UnsupportedMediaType, $"send {Routes.WindowFrames}");
            var (frames, error) = FrameBatch.Split(await Body(request));
            return error is not null ? Api.Refused(StatusCodes.Status400BadRequest, error) : await Take(pipeline, deadLetters, [.. frames.Select(f => new Arrival(device, DeviceTopic.Windows, f))]);
        });

        app.MapPost(Routes.Events, async (HttpRequest request, Keys keys, DeviceRegistry registry, IngestPipeline pipeline, DeadLetters deadLetters) =>
        {
            var (allowed, device) = await Caller(request, keys, registry);
            if (!allowed) return Api.Unauthorised(Keys.IngestTokenFile);
            // One event, or an array of them; each is read by the decoder that reads it from the broker.
            using var document = JsonDocument.Parse(await Body(request), new JsonDocumentOptions { MaxDepth = 8 });
            JsonElement[] events = document.RootElement.ValueKind == JsonValueKind.Array ? [.. document.RootElement.EnumerateArray()] : [document.RootElement];
            return events.Length is 0 or > FrameBatch.MaxFrames
                ? Api.Refused(StatusCodes.Status400BadRequest, $"a request carries 1 to {FrameBatch.MaxFrames} events, not {events.Length}")
                : await Take(pipeline, deadLetters, [.. events.Select(e => new Arrival(device, DeviceTopic.Events, Encoding.UTF8.GetBytes(e.GetRawText())))]);
        });

        app.MapGet(Routes.DeadLetters, (DeadLetters deadLetters, IngestCounts counts, int? last) => TypedResults.Json(
            new DeadLettersAnswer([.. deadLetters.Recent(Math.Clamp(last ?? 100, 1, 1000)).Select(DevicesApi.Describe)], deadLetters.Suppressed, counts.Refused),
            WireJson.Default.DeadLettersAnswer)).ForOperators();

        app.MapGet(Routes.Ingest, (IngestCounts counts, MqttIngress ingress, BrokerHost broker) => TypedResults.Json(
            new IngestStatusAnswer(
                counts.Windows, counts.Events, counts.Duplicates, counts.Refused, counts.Acknowledgements, ingress.Leases, DevicesApi.Describe(broker.Address), broker.Trouble,
                Enum.GetValues<IngestStage>().ToDictionary(s => s.ToString().ToLowerInvariant(), counts.SecondsOf)),
            WireJson.Default.IngestStatusAnswer)).ForOperators();
    }

    /// <summary>Who sends: a gateway (no device), a device, or nobody who may.</summary>
    private static async Task<(bool Allowed, string? Device)> Caller(HttpRequest request, Keys keys, DeviceRegistry registry)
    {
        string? authorization = request.Headers.Authorization;
        if (keys.MayIngest(authorization)) return (true, null);
        if (!AuthenticationHeaderValue.TryParse(authorization, out var header) || header is not { Scheme: "Basic", Parameter: { Length: < 1024 } encoded }) return (false, null);
        var bytes = new byte[encoded.Length];
        if (!Convert.TryFromBase64String(encoded, bytes, out var length)) return (false, null);
        var pair = Encoding.UTF8.GetString(bytes, 0, length).Split(':', 2);
        return pair.Length == 2 && await registry.Knows(pair[0], pair[1]) ? (true, pair[0]) : (false, null);
    }

    private static async Task<IResult> Take(IngestPipeline pipeline, DeadLetters deadLetters, Arrival[] arrivals)
    {
        var outcomes = await pipeline.Take(arrivals);
        var rejected = new List<RejectedWindow>();
        for (var i = 0; i < outcomes.Length; i++)
        {
            if (outcomes[i].Refusal is not { } reason) continue;
            rejected.Add(new(i, reason));
            deadLetters.Add(arrivals[i], arrivals[i].Device ?? outcomes[i].Device, reason);
        }
        var duplicates = outcomes.Count(o => o.IsDuplicate);
        // Nothing taken is no success, whatever a client looks at.
        var status = rejected.Count == outcomes.Length ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status200OK;
        var error = rejected.Count == 0 ? null : $"{rejected.Count} of {outcomes.Length} refused: {RefusalReasons.Explain(rejected.Select(r => r.Reason))}";
        return TypedResults.Json(new IngestAnswer(outcomes.Length - rejected.Count - duplicates, duplicates, rejected, error), WireJson.Readable.IngestAnswer, statusCode: status);
    }

    private static async Task<byte[]> Body(HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        return body.ToArray();
    }
}
