using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CitySafeSense.Cli.Results;

/// <summary>A page's figures as they stand in docs/results/NAME.json, and the Markdown made from them.</summary>
internal sealed record ResultFile
{
    private static readonly JsonSerializerOptions layout = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public required string Title { get; init; }
    public required string Introduction { get; init; }
    public required string Headline { get; init; }
    public required IReadOnlyList<string> Commands { get; init; }
    public required string Commit { get; init; }
    public required string Date { get; init; }
    public required IReadOnlyList<ResultTable> Tables { get; init; }

    public static ResultFile Of(ResultPage page, IReadOnlyList<JsonNode> answers, string commit, string date) => new()
    {
        Title = page.Title,
        Introduction = page.Introduction,
        Headline = page.Headline(answers),
        Commands = [.. page.Commands.Select(c => $"./citysafe {c}")],
        Commit = commit,
        Date = date,
        Tables = [.. page.Tables(answers)],
    };

    /// <exception cref="InvalidDataException">The file is no page of results; says which and why.</exception>
    public static ResultFile Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<ResultFile>(File.ReadAllText(path), layout) ?? throw new JsonException("it is empty");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path} is no page of results ({e.Message}): run `./citysafe results` again", e);
        }
    }

    public string ToJson() => JsonSerializer.Serialize(this, layout) + "\n";

    /// <summary>The figures alone: what may not differ between machines and days.</summary>
    public string Figures() => JsonSerializer.Serialize(new { Headline, Tables }, layout);

    public string ToMarkdown()
    {
        var text = new StringBuilder($"# {Title}\n\n<!-- Made by `./citysafe results`; edit client/Cli/Results. -->\n\n{Introduction}\n\n");
        foreach (var table in Tables)
        {
            Row(table.Columns);
            Row(table.Columns.Select(_ => "---"));
            foreach (var row in table.Rows) Row(row);
            text.Append('\n');
        }
        text.Append($"{Headline}\n\nMade on {Date} at commit {Commit} by\n\n```\n");
        foreach (var command in Commands) text.Append(command).Append('\n');
        return text.Append("```\n").ToString();

        void Row(IEnumerable<string> cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
    }
}
