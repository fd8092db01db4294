using System.Text.Json.Nodes;

namespace CitySafeSense.Cli.Results;

/// <summary>A table of a page of docs/results.</summary>
/// <param name="Rows">Of as many cells as there are columns.</param>
internal sealed record ResultTable(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows);

/// <summary>A page of docs/results: the commands whose answers it shows, and how its figures are made from them.</summary>
/// <param name="Name">Of its files, NAME.json and NAME.md.</param>
/// <param name="Introduction">What is measured and how to read it; holds no figure that a command prints.</param>
/// <param name="Commands">Of the program, with --json; DATA stands for the folder of recordings, TEMP for a temporary one.</param>
/// <param name="Headline">A sentence for README, from the commands' answers.</param>
internal sealed record ResultPage(
    string Name,
    string Title,
    string Introduction,
    IReadOnlyList<string> Commands,
    Func<IReadOnlyList<JsonNode>, IEnumerable<ResultTable>> Tables,
    Func<IReadOnlyList<JsonNode>, string> Headline)
{
    /// <summary>Whether the gate runs it.</summary>
    public bool IsQuick { get; init; }
}
