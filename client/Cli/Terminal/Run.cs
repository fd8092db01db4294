using System.CommandLine.Invocation;
using System.Runtime.InteropServices;
using CitySafeSense.Cli.Verbs;
using CitySafeSense.Load;
using CitySafeSense.Mqtt;
using CitySafeSense.Sdk;
using CitySafeSense.Sensing.Recordings;
using CitySafeSense.Storage;
using CitySafeSense.Tables;
using CitySafeSense.Video;

namespace CitySafeSense.Cli.Terminal;

/// <summary>From arguments to an exit code: 0 done, 1 failed, 2 misused; one line on stderr says why.</summary>
internal static class Run
{
    public const int Done = 0, Failed = 1, Misused = 2;

    private const int MessageCharactersMax = 1000;
    private const string StoppedLine = "citysafe: stopped";

    /// <summary>What a verb that was asked to stop has time for: to end what it started, and to delete what is temporary.</summary>
    private static readonly TimeSpan stopPatience = TimeSpan.FromSeconds(15);

    public static async Task<int> Invoke(RootCommand root, string[] args)
    {
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var line in Misuse.Explain(parsed)) await Console.Error.WriteLineAsync(line);
            return Misused;
        }
        try
        {
            using var stop = new CancellationTokenSource();
            using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Stop(signal, parsed, stop));
            using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Stop(signal, parsed, stop));
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, stop.Token);
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync(StoppedLine);
            return Failed;
        }
        catch (Exception e)
        {
            await Console.Error.WriteLineAsync($"citysafe: {OneLine(Explain(e) ?? FaultLog.Write(e, args))}");
            return e is ArgumentException ? Misused : Failed;
        }
    }

    /// <summary>Ctrl-C once: the verb ends what it started. Again, or where a verb only computes, or does not end: the program does.</summary>
    private static void Stop(PosixSignalContext signal, ParseResult parsed, CancellationTokenSource stop)
    {
        signal.Cancel = true;
        if (stop.IsCancellationRequested || parsed.Action is not AsynchronousCommandLineAction) End();
        _ = stop.CancelAsync();
        _ = Task.Delay(stopPatience).ContinueWith(_ => End(), TaskScheduler.Default);

        static void End()
        {
            Console.Error.WriteLine(StoppedLine);
            Environment.Exit(Failed);
        }
    }

    /// <summary>An exception on a thread of its own would end the process with a stack trace and exit code 134.</summary>
    public static void ReportUnhandledExceptions(string[] args) => AppDomain.CurrentDomain.UnhandledException += (_, unhandled) =>
    {
        Console.Error.WriteLine($"citysafe: {FaultLog.Write((Exception)unhandled.ExceptionObject, args)}");
        Environment.Exit(Failed);
    };

    /// <summary>What a message quotes of a file may be anything, also what moves a terminal's cursor.</summary>
    private static string OneLine(string message) =>
        string.Concat(message.ReplaceLineEndings(" ").Take(MessageCharactersMax).Select(c => char.IsControl(c) ? '\uFFFD' : c));

    /// <summary>One line for what a user can do something about; null for a fault of ours.</summary>
    private static string? Explain(Exception exception) => exception switch
    {
        FileNotFoundException { FileName: { } file } => $"{file}: there is no such file",
        CitySafeException { Status: 401 } e => $"{e.Message}; here: --token FILE, or {SiloTarget.TokenVariable} with the name of that file",
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } e => $"{e.Message}: is a silo running there? `citysafe serve` starts one; --target or {SiloTarget.TargetVariable} names another",
        ArgumentException { ParamName: { } parameter } e => e.Message.Replace($" (Parameter '{parameter}')", ""),
        ArgumentException or RecordingException or TableException or FormatException or InvalidDataException or LoadException or StorageException or CitySafeException or IOException or UnauthorizedAccessException
            or HttpRequestException or CommandFailedException or VideoException or MqttException => exception.Message,
#if !ORLEANS
        InProcess.ExperimentException => exception.Message,
#endif
        _ => null,
    };
}

/// <summary>A verb that cannot go on; the message names thing, place and remedy.</summary>
internal sealed class CommandFailedException(string message) : Exception(message);
