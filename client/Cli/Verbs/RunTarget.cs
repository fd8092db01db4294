namespace CitySafeSense.Cli.Verbs;

/// <summary>The silo of a simulation: one that runs already, or one that is started for it and stopped after it.</summary>
internal sealed class RunTarget : IAsyncDisposable
{
    public const string Explanation = $"Without --target (or {SiloTarget.TargetVariable}) a silo is started for the run and stopped after it.";

    private RunTarget(Uri silo, string token, SiloProcess? own) => (Silo, OperatorToken, Own) = (silo, token, own);

    public Uri Silo { get; }

    public string OperatorToken { get; }

    /// <summary>Where it was started for this run.</summary>
    public SiloProcess? Own { get; }

    /// <exception cref="ArgumentException">An address without its token, or one that is none.</exception>
    public static async Task<RunTarget> Open(ParseResult parse, SiloLaunch launch, CancellationToken cancellation)
    {
        if (SiloTarget.AddressOf(parse) is { } address)
            return new(address, SiloTarget.TokenOf(parse) ?? throw new ArgumentException($"the silo at {address} takes virtual people from its operator only: give --token FILE, or {SiloTarget.TokenVariable} with the name of that file"), null);
        if (parse.GetValue(SiloTarget.Token) is not null) throw new ArgumentException("--token is for a silo that runs: give its --target too");
        var own = await SiloProcess.Start(launch, cancellation);
        return new(own.Address, own.OperatorToken, own);
    }

    public ValueTask DisposeAsync() => Own?.DisposeAsync() ?? ValueTask.CompletedTask;
}
