using System.Diagnostics;

namespace CitySafeSense.EndToEnd;

/// <summary>The program, as built beside these tests.</summary>
internal static class Citysafe
{
    /// <summary>Runs it in a folder until it ends.</summary>
    public static Task<(int Code, string Output, string Error)> Run(string folder, params string[] arguments) => RunWith(folder, [], arguments);

    /// <summary>The same with variables of its environment.</summary>
    public static async Task<(int Code, string Output, string Error)> RunWith(string folder, IReadOnlyCollection<(string Name, string Value)> variables, params string[] arguments)
    {
        var start = new ProcessStartInfo(Program()) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        foreach (var (name, value) in variables) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"citysafe {string.Join(' ', arguments)} did not end; it said: {await error}");
        }
        return (process.ExitCode, await output, await error);
    }

    /// <summary>Beside this test's own output, in the same flavour.</summary>
    public static string Program()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
            if (Path.Combine(at.FullName, "Cli", "release", "citysafe") is var path && File.Exists(path)) return path;
        throw new FileNotFoundException("citysafe has not been built");
    }
}
