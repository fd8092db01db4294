using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace CitySafeSense.Cli.Terminal;

/// <summary>Data to stdout, everything that moves to stderr.</summary>
internal static class Output
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static IAnsiConsole Error { get; } = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });

    public static IAnsiConsole Data { get; } = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Out) });

    public static void Json(JsonNode node) => Console.Out.WriteLine(node.ToJsonString(Indented));

    public static void Note(string line) => Error.MarkupLineInterpolated($"[grey]{line}[/]");

    public static Option<bool> JsonOption() => new("--json") { Description = "Print the result as JSON." };

    public static Option<ulong> SeedOption() => new("--seed") { Description = "Same seed, same numbers.", DefaultValueFactory = _ => 1 };
}
