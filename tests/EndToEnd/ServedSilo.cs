using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace CitySafeSense.EndToEnd;

/// <summary>`citysafe serve`, as a process of its own, with what it says.</summary>
internal sealed partial class ServedSilo : IAsyncDisposable
{
    private readonly Process process;
    private readonly string folder;
    private readonly StringBuilder said = new();

    private ServedSilo(Process process, string folder) => (this.process, this.folder) = (process, folder);

    public string Said
    {
        get
        {
            lock (said) return said.ToString();
        }
    }

    private string Address => SiloLine().Match(Said).Groups[1].Value;

    /// <summary>In simulation unless the arguments say otherwise; its data are in `data` of the folder. Returns when it has said where it is.</summary>
    public static async Task<ServedSilo> Start(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(Citysafe.Program()) { RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = folder };
        foreach (var argument in (string[])["serve", "--listen", "127.0.0.1:0", .. arguments.Contains("--privacy") ? Array.Empty<string>() : ["--privacy", "simulation"], .. arguments]) start.ArgumentList.Add(argument);
        var silo = new ServedSilo(Process.Start(start)!, folder);
        silo.process.ErrorDataReceived += (_, line) =>
        {
            lock (silo.said) silo.said.AppendLine(line.Data);
        };
        silo.process.BeginErrorReadLine();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!silo.Said.Contains("try: curl", StringComparison.Ordinal))
        {
            if (silo.process.HasExited) throw new InvalidOperationException(silo.Said);
            await Task.Delay(50, limit.Token);
        }
        await Task.Delay(100, limit.Token); // for the line after it
        return silo;
    }

    /// <summary>Another verb against it.</summary>
    public Task<(int Code, string Output, string Error)> Run(params string[] arguments) =>
        Citysafe.RunWith(folder, [("CITYSAFE_TARGET", Address), ("CITYSAFE_TOKEN", Path.Combine(folder, "data", "keys", "operator.token"))], arguments);

    public async Task<JsonNode> Json(params string[] arguments)
    {
        var (code, output, error) = await Run([.. arguments, "--json"]);
        return code == 0 ? JsonNode.Parse(output)! : throw new InvalidOperationException($"citysafe {string.Join(' ', arguments)}: {error}");
    }

    public async ValueTask DisposeAsync()
    {
        using (Process.Start("kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
        {
            await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        }
        process.Dispose();
    }

    [GeneratedRegex(@"at (http://\S+),")]
    private static partial Regex SiloLine();
}
