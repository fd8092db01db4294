namespace CitySafeSense.Cli.Verbs;

/// <summary>The silo of a simulation: one that runs already, or one that is started for it and stopped after it.</summary>
internal sealed class RunTarget : IAsyncDisposable
{
    public static readonly Option<Uri> Address = new("--target")
    {
        Description = "The silo, such as http://127.0.0.1:8080. Without it a silo is started for the run and stopped after it.",
        CustomParser = argument =>
        {
            if (Uri.TryCreate(argument.Tokens[0].Value, UriKind.Absolute, out var uri) && (uri.Scheme is "http" or "https")) return uri;
            argument.AddError($"--target {argument.Tokens[0].Value}: an address such as http://127.0.0.1:8080 is needed");
            return null;
        },
    };

    public static readonly Option<FileInfo> TokenFile = new("--token-file") { Description = "The silo's operator token (keys/operator.token in its data folder)." };

    private RunTarget(Uri silo, string token, SiloProcess? own) => (Silo, OperatorToken, Own) = (silo, token, own);

    public Uri Silo { get; }

    public string OperatorToken { get; }

    /// <summary>Where it was started for this run.</summary>
    public SiloProcess? Own { get; }

    /// <exception cref="ArgumentException">An address without its token, or a token without an address.</exception>
    public static async Task<RunTarget> Open(ParseResult parse, SiloLaunch launch, CancellationToken cancellation)
    {
        var (address, token) = (parse.GetValue(Address), parse.GetValue(TokenFile));
        if (address is not null != token is not null) throw new ArgumentException("--target and --token-file go together");
        if (address is not null) return new(address, (await File.ReadAllTextAsync(token!.FullName, cancellation)).Trim(), null);
        var own = await SiloProcess.Start(launch, cancellation);
        return new(own.Address, own.OperatorToken, own);
    }

    public ValueTask DisposeAsync() => Own?.DisposeAsync() ?? ValueTask.CompletedTask;
}
