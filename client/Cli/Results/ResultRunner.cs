using System.Diagnostics;
using System.Text.Json.Nodes;
using CitySafeSense.Cli.Terminal;

namespace CitySafeSense.Cli.Results;

/// <summary>Runs a page's commands, each as a process of this program.</summary>
internal sealed class ResultRunner(string dataFolder)
{
    /// <exception cref="CommandFailedException">A command failed; says which and what it printed.</exception>
    public async Task<ResultFile> RunAsync(ResultPage page, string commit, string date, CancellationToken cancellation)
    {
        var temporary = Directory.CreateTempSubdirectory("citysafe-results-");
        try
        {
            var answers = new List<JsonNode>();
            foreach (var command in page.Commands)
            {
                Output.Note($"{page.Name}: {command}");
                answers.Add(await AnswerOfAsync(command, temporary.FullName, cancellation));
            }
            return ResultFile.Of(page, answers, commit, date);
        }
        finally
        {
            temporary.Delete(recursive: true);
        }
    }

    private async Task<JsonNode> AnswerOfAsync(string command, string temporary, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in command.Split(' '))
            start.ArgumentList.Add(argument.Replace("DATA", dataFolder, StringComparison.Ordinal).Replace("TEMP", temporary, StringComparison.Ordinal));
        using var process = Process.Start(start)!;
        await using var kill = cancellation.Register(() => process.Kill(entireProcessTree: true));
        var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        var output = await process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        await process.WaitForExitAsync(CancellationToken.None);
        cancellation.ThrowIfCancellationRequested();
        return process.ExitCode == 0 ? JsonNode.Parse(output)! : throw new CommandFailedException($"citysafe {command} exited with {process.ExitCode}: {await error}");
    }
}
