using System.CommandLine.Parsing;

namespace CitySafeSense.Cli.Terminal;

/// <summary>What is wrong with a command line, in the words of its user: what was typed, and what would do.</summary>
internal static class Misuse
{
    private const int TypingErrorsMax = 2;

    /// <returns>Lines for stderr; the last says where help is.</returns>
    public static IReadOnlyList<string> Explain(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var path = string.Join(' ', Path(parsed.CommandResult));
        List<string> lines = command.Subcommands.Count > 0 && command.Action is null ? [Verbs(path, command, parsed.UnmatchedTokens)] : [.. Worth(parsed).Select(e => Explain(e, command, parsed)).Distinct()];
        return [.. lines.Select(line => $"citysafe: {line}"), $"Try: {path} --help"];
    }

    /// <summary>What follows an option that is none is no argument too many: it was meant for the option.</summary>
    private static IEnumerable<ParseError> Worth(ParseResult parsed)
    {
        var option = parsed.Errors.FirstOrDefault(e => e.SymbolResult is CommandResult && parsed.UnmatchedTokens.Any(t => t.StartsWith('-') && e.Message.Contains($"'{t}'", StringComparison.Ordinal)));
        return option is null ? parsed.Errors : [option];
    }

    private static IEnumerable<string> Path(CommandResult result) => result.Parent is CommandResult parent ? Path(parent).Append(result.Command.Name) : ["citysafe"];

    private static string Verbs(string path, Command command, IReadOnlyList<string> unmatched)
    {
        string[] verbs = [.. command.Subcommands.Where(c => !c.Hidden).Select(c => c.Name)];
        var typed = unmatched.FirstOrDefault(t => !t.StartsWith('-'));
        return typed is null ? $"{path} needs a verb: {string.Join(", ", verbs)}" : $"{path} has no verb \"{typed}\"{(Nearest(typed, verbs) is { } near ? $"; did you mean {near}?" : $": {string.Join(", ", verbs)} are its verbs")}";
    }

    private static string Explain(ParseError error, Command command, ParseResult parsed)
    {
        if (error.SymbolResult is CommandResult && parsed.UnmatchedTokens.FirstOrDefault(t => error.Message.Contains($"'{t}'", StringComparison.Ordinal)) is { } unknown) return Unknown(unknown, command);
        if (error.SymbolResult is CommandResult && command.Options.FirstOrDefault(o => o.Required && error.Message.Contains($"'{o.Name}'", StringComparison.Ordinal)) is { } missing) return $"{missing.Name} is needed: {missing.Description}";
        return (error.SymbolResult, error.SymbolResult?.Tokens.Select(t => t.Value).FirstOrDefault()) switch
        {
            (OptionResult { Option: { Required: true } option, IdentifierToken: null }, null) => $"{option.Name} is needed: {option.Description}",
            (OptionResult { Option: var option }, null) => $"{option.Name}: a value is needed{(Needed(option.ValueType) is { } value ? $", {value}" : "")}",
            (OptionResult { Option: var option }, { } text) when Needed(option.ValueType) is { } value && IsOfType(error) => $"{option.Name} {text}: {value} is needed",
            (ArgumentResult { Argument: var argument, Parent: OptionResult { Option: var option } }, { } text) when Needed(argument.ValueType) is { } value && IsOfType(error) => $"{option.Name} {text}: {value} is needed",
            (ArgumentResult { Argument: var argument, Parent: OptionResult { Option: var option } }, null) => $"{option.Name}: a value is needed{(Needed(argument.ValueType) is { } value ? $", {value}" : "")}",
            (ArgumentResult { Argument: var argument }, null) => $"{argument.Name} is needed: {argument.Description}",
            (ArgumentResult { Argument: var argument }, { } text) when Needed(argument.ValueType) is { } value && IsOfType(error) => $"{argument.Name} {text}: {value} is needed",
            _ => error.Message,
        };
    }

    private static string Unknown(string token, Command command)
    {
        if (!token.StartsWith('-')) return $"\"{token}\" is one argument too many";
        var name = token.Split('=', ':')[0];
        return $"there is no {name} here{(Nearest(name, [.. command.Options.Where(o => !o.Hidden).Select(o => o.Name)]) is { } near ? $"; did you mean {near}?" : "")}";
    }

    /// <summary>The library's own message, which names a type of this program.</summary>
    private static bool IsOfType(ParseError error) => error.Message.Contains("as expected type", StringComparison.Ordinal);

    private static string? Needed(Type type) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        var t when t == typeof(int) || t == typeof(long) => "a whole number",
        var t when t == typeof(ulong) || t == typeof(uint) => "a whole number, 0 or more,",
        var t when t == typeof(double) || t == typeof(float) => "a number, such as 0.5,",
        var t when t == typeof(bool) => "true or false",
        var t when t == typeof(FileInfo) => "a file",
        var t when t == typeof(DirectoryInfo) => "a folder",
        _ => null,
    };

    private static string? Nearest(string typed, IReadOnlyCollection<string> known) =>
        known.Select(k => (Name: k, Errors: Distance(typed, k))).Where(k => k.Errors <= TypingErrorsMax && k.Errors < k.Name.Length - 1).OrderBy(k => k.Errors).Select(k => k.Name).FirstOrDefault();

    /// <summary>Letters to insert, delete or replace (Levenshtein 1965).</summary>
    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (var i = 1; i <= a.Length; i++)
        {
            (var diagonal, row[0]) = (row[0], i);
            for (var j = 1; j <= b.Length; j++)
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)));
        }
        return row[b.Length];
    }
}
