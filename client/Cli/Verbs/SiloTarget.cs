using CitySafeSense.Sdk;

namespace CitySafeSense.Cli.Verbs;

/// <summary>The silo that a verb talks to, and the token it shows there: told by options, or by variables for all verbs of a shell.</summary>
internal static class SiloTarget
{
    public const string TargetVariable = "CITYSAFE_TARGET", TokenVariable = "CITYSAFE_TOKEN";

    private const string Usual = "http://127.0.0.1:8080";

    public static readonly Option<string> Address = new("--target") { Description = $"Address of the silo. [default: {TargetVariable}, or {Usual}]" };

    public static readonly Option<FileInfo> Token = new("--token") { Description = $"File with the operator's token: keys/operator.token in the silo's data folder. [default: the file that {TokenVariable} names]" };

    /// <exception cref="ArgumentException">The address is none, or there is no such file.</exception>
    public static CitySafeClient Client(ParseResult parse) =>
        new(new HttpClient { BaseAddress = AddressOf(parse) ?? new Uri(Usual) }, TokenOf(parse));

    /// <summary>Nothing where neither the option nor the variable says one.</summary>
    /// <exception cref="ArgumentException">It is no address.</exception>
    public static Uri? AddressOf(ParseResult parse) => Told(parse.GetValue(Address), "--target", TargetVariable) is not { } told ? null
        : Uri.TryCreate(told.Text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" ? address
        : throw new ArgumentException($"{told.Source} {told.Text}: an address such as {Usual} is needed");

    /// <summary>Nothing where neither the option nor the variable names a file.</summary>
    /// <exception cref="ArgumentException">There is no such file.</exception>
    public static string? TokenOf(ParseResult parse)
    {
        if (Told(parse.GetValue(Token)?.ToString(), "--token", TokenVariable) is not { } told) return null;
        return File.Exists(told.Text) ? File.ReadAllText(told.Text).Trim() : throw new ArgumentException($"{told.Source}: there is no file {told.Text}; it names the file that holds the token, keys/operator.token in the silo's data folder");
    }

    private static (string Text, string Source)? Told(string? option, string name, string variable) =>
        option is not null ? (option, name) : Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? (value, variable) : null;
}
