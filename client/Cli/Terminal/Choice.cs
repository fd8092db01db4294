using System.Text.Json;

namespace CitySafeSense.Cli.Terminal;

/// <summary>Options that are one of a few words, written as words are on a command line: by-hand, not ByHand; either is read.</summary>
internal static class Choice
{
    public static Option<T> Option<T>(string name, string description, T initial = default)
        where T : struct, Enum
    {
        var option = new Option<T>(name)
        {
            Description = $"{description} [default: {WordOf(initial)}]",
            HelpName = string.Join('|', Words<T>()),
            CustomParser = argument =>
            {
                if (TryParse<T>(argument.Tokens[0].Value, out var chosen)) return chosen;
                argument.AddError($"{name} {argument.Tokens[0].Value}: {string.Join(", ", Words<T>())} are the choices");
                return default;
            },
        };
        if (!EqualityComparer<T>.Default.Equals(initial, default)) option.DefaultValueFactory = _ => initial;
        return option;
    }

    public static bool TryParse<T>(string text, out T chosen)
        where T : struct, Enum
    {
        chosen = default;
        foreach (var value in Enum.GetValues<T>())
            if (string.Equals(WordOf(value), text, StringComparison.OrdinalIgnoreCase) || string.Equals(value.ToString(), text, StringComparison.OrdinalIgnoreCase))
            {
                chosen = value;
                return true;
            }
        return false;
    }

    private static IEnumerable<string> Words<T>()
        where T : struct, Enum => Enum.GetValues<T>().Select(WordOf);

    /// <summary>ByHand becomes by-hand.</summary>
    private static string WordOf<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());
}
