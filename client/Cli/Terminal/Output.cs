using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace CitySafeSense.Cli.Terminal;

/// <summary>Data to stdout, everything that moves to stderr.</summary>
internal static class Output
{
    /// <summary>JSON for people.</summary>
    public static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static IAnsiConsole Error { get; } = Of(Console.Error, Console.IsErrorRedirected);

    public static IAnsiConsole Data { get; } = Of(Console.Out, Console.IsOutputRedirected);

    public static void Json(JsonNode node) => Console.Out.WriteLine(node.ToJsonString(Indented));

    public static void Line(string line) => Console.Out.WriteLine(line);

    public static void Note(string line) => Console.Error.WriteLine(line);

    public static Option<bool> JsonOption() => new("--json") { Description = "Print the result as JSON." };

    public static Option<ulong> SeedOption() => new("--seed") { Description = "Same seed, same numbers.", DefaultValueFactory = _ => 1 };

    /// <summary>Colours and moving bars are for people; a file or a pipe gets plain lines, as long as they are.</summary>
    private static IAnsiConsole Of(TextWriter writer, bool redirected)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = redirected ? AnsiSupport.No : AnsiSupport.Detect,
            Interactive = redirected ? InteractionSupport.No : InteractionSupport.Detect,
        });
        if (redirected) console.Profile.Width = 160;
        return console;
    }
}
