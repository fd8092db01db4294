using CitySafeSense.Sdk;

namespace CitySafeSense.Cli.Verbs;

/// <summary>The silo that a verb talks to.</summary>
internal static class SiloTarget
{
    public static readonly Option<string> Address = new("--target") { Description = "Address of the silo.", DefaultValueFactory = _ => "http://127.0.0.1:8080" };
    public static readonly Option<FileInfo> Token = new("--token") { Description = "File with the operator's token; keys/operator.token in the silo's data folder." };

    /// <exception cref="ArgumentException">The address is none.</exception>
    public static CitySafeClient Client(ParseResult parse)
    {
        if (!Uri.TryCreate(parse.GetValue(Address), UriKind.Absolute, out var address)) throw new ArgumentException($"--target {parse.GetValue(Address)}: an address such as http://127.0.0.1:8080 is needed");
        return new CitySafeClient(new HttpClient { BaseAddress = address }, parse.GetValue(Token) is { } file ? File.ReadAllText(file.FullName).Trim() : null);
    }
}
