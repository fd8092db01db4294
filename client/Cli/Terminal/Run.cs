using CitySafeSense.Load;
using CitySafeSense.Mqtt;
using CitySafeSense.Sdk;
using CitySafeSense.Sensing.Recordings;
using CitySafeSense.Storage;
using CitySafeSense.Video;

namespace CitySafeSense.Cli.Terminal;

/// <summary>From arguments to an exit code: 0 done, 1 failed, 2 misused; one line on stderr says why.</summary>
internal static class Run
{
    public const int Done = 0, Failed = 1, Misused = 2;

    public static async Task<int> Invoke(RootCommand root, string[] args)
    {
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors) await Console.Error.WriteLineAsync($"citysafe: {error.Message}");
            await Console.Error.WriteLineAsync($"Try: citysafe {string.Join(' ', args.TakeWhile(a => !a.StartsWith('-')))} --help");
            return Misused;
        }
        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("citysafe: stopped");
            return Failed;
        }
        catch (Exception e)
        {
            await Console.Error.WriteLineAsync($"citysafe: {(Explain(e) ?? FaultLog.Write(e, args)).ReplaceLineEndings(" ")}");
            return e is ArgumentException ? Misused : Failed;
        }
    }

    /// <summary>An exception on a thread of its own would end the process with a stack trace and exit code 134.</summary>
    public static void ReportUnhandledExceptions(string[] args) => AppDomain.CurrentDomain.UnhandledException += (_, unhandled) =>
    {
        Console.Error.WriteLine($"citysafe: {FaultLog.Write((Exception)unhandled.ExceptionObject, args)}");
        Environment.Exit(Failed);
    };

    /// <summary>One line for what a user can do something about; null for a fault of ours.</summary>
    private static string? Explain(Exception exception) => exception switch
    {
        FileNotFoundException or DirectoryNotFoundException => $"{exception.Message} Check the path, or fetch the file.",
        ArgumentException { ParamName: { } parameter } e => e.Message.Replace($" (Parameter '{parameter}')", ""),
        ArgumentException or RecordingException or InvalidDataException or LoadException or StorageException or CitySafeException or IOException or UnauthorizedAccessException
            or HttpRequestException or CommandFailedException or VideoException or MqttException => exception.Message,
#if !ORLEANS
        InProcess.ExperimentException => exception.Message,
#endif
        _ => null,
    };
}

/// <summary>A verb that cannot go on; the message names thing, place and remedy.</summary>
internal sealed class CommandFailedException(string message) : Exception(message);
