using System.Globalization;
using System.Reflection;

namespace CitySafeSense.Cli.Terminal;

/// <summary>Where the stack of an exception goes that no user can do anything about: a file to send with a report.</summary>
internal static class FaultLog
{
    /// <returns>One line for the user: what happened, and where the rest is.</returns>
    public static string Write(Exception exception, string[] args)
    {
        var version = typeof(FaultLog).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        var path = Path.Combine(Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"citysafe-fault-{DateTime.UtcNow:yyyyMMdd-HHmmss}-{Environment.ProcessId}.log"));
        // Options may hold passwords and tokens: their names are enough to tell what was run.
        var command = string.Join(' ', args.TakeWhile(a => !a.StartsWith('-')).Concat(args.Where(a => a.StartsWith('-')).Select(a => a.Split('=')[0])));
        try
        {
            File.WriteAllText(path, $"citysafe {command}\nversion {version}, .NET {Environment.Version}, {System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier}\n{exception}\n");
            return $"unexpected fault ({exception.GetType().Name}: {exception.Message}); details in {path}: please report it";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"unexpected fault ({exception.GetType().Name}: {exception.Message}); the details could not be written: {e.Message}";
        }
    }
}
