using System.Text.Json;
using CitySafeSense.Mqtt;
using CitySafeSense.Silo.Devices;
using CitySafeSense.Storage;
using CitySafeSense.Wire;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CitySafeSense.Silo.Api;

/// <summary>
/// Maps exceptions to HTTP answers. A client's mistake is answered with 4xx and not logged. A store, broker or grain that does not answer gives 503 and
/// one log line. Any other exception is left to the framework, which logs it with its stack and calls <see cref="Fault"/>.
/// </summary>
internal sealed class ExceptionAnswers(ILogger<ExceptionAnswers> log) : IExceptionHandler
{
    private static readonly Action<ILogger, string, string, string, Exception?> logUnavailable =
        LoggerMessage.Define<string, string, string>(LogLevel.Warning, new EventId(1, "Unavailable"), "{Method} {Path}: answered 503, {Reason}");

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (Mistake(exception) is var (status, text))
        {
            await Write(httpContext, status, text);
            return true;
        }
        if (Unavailable(exception) is not { } reason) return false;
        logUnavailable(log, httpContext.Request.Method, httpContext.Request.Path, exception.Message.ReplaceLineEndings(" "), null);
        await Write(httpContext, StatusCodes.Status503ServiceUnavailable, reason);
        return true;
    }

    public static Task Fault(HttpContext context) => Write(context, StatusCodes.Status500InternalServerError, "failed; the log of the silo says why");

    /// <summary>For answers that nothing has given a body: a path that is none, a method that it does not have.</summary>
    public static Task Describe(Microsoft.AspNetCore.Diagnostics.StatusCodeContext context) => Write(context.HttpContext, context.HttpContext.Response.StatusCode, context.HttpContext.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => $"there is nothing at {context.HttpContext.Request.Path}",
        StatusCodes.Status405MethodNotAllowed => $"{context.HttpContext.Request.Path} takes {context.HttpContext.Response.Headers.Allow}, not {context.HttpContext.Request.Method}",
        StatusCodes.Status415UnsupportedMediaType => "send the body with \"Content-Type: application/json\"",
        var status => Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status),
    });

    private static (int Status, string Text)? Mistake(Exception exception) => exception switch
    {
        BadHttpRequestException { InnerException: JsonException e } => (StatusCodes.Status400BadRequest, JsonMistakes.Explain(e)),
        BadHttpRequestException e => (e.StatusCode, e.StatusCode == StatusCodes.Status415UnsupportedMediaType ? "send the body with \"Content-Type: application/json\"" : JsonMistakes.ExplainParameter(e.Message)),
        JsonException e => (StatusCodes.Status400BadRequest, JsonMistakes.Explain(e)),
        DeviceException { Trouble: DeviceTrouble.Malformed } e => (StatusCodes.Status400BadRequest, e.Message),
        DeviceException { Trouble: DeviceTrouble.Unknown } e => (StatusCodes.Status404NotFound, e.Message),
        DeviceException e => (StatusCodes.Status409Conflict, e.Message),
        _ => null,
    };

    private static string? Unavailable(Exception exception) => exception switch
    {
        MqttException e => e.Message,
        StorageException => "storage does not answer: send it again, what was taken is recognised",
        TimeoutException or OrleansException or ObjectDisposedException => "a part of the cluster does not answer: send it again, what was taken is recognised",
        _ => null,
    };

    private static Task Write(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(new ErrorAnswer(text), WireJson.Readable.ErrorAnswer, contentType: null, context.RequestAborted);
    }
}
