using System.CommandLine.Parsing;

namespace CitySafeSense.Cli.Terminal;

/// <summary>Files on a command line: whether they can be read or written is said before any work is done.</summary>
internal static class Paths
{
    /// <summary>An input file. It must exist; where the description says so it may be a folder.</summary>
    public static Option<FileInfo> Input(string name, string description, bool required = false) => Checked(name, description, required, RequireInput);

    /// <inheritdoc cref="Input"/>
    public static Argument<FileInfo> InputArgument(string name, string description) => Checked(name, description, RequireInput);

    /// <summary>An output file. Its folder must exist.</summary>
    public static Option<FileInfo> Output(string name, string description, bool required = false) => Checked(name, description, required, RequireOutput);

    /// <inheritdoc cref="Output"/>
    public static Argument<FileInfo> OutputArgument(string name, string description) => Checked(name, description, RequireOutput);

    private static Option<FileInfo> Checked(string name, string description, bool required, Action<SymbolResult, string> check)
    {
        var option = new Option<FileInfo>(name) { Description = description, Required = required };
        option.Validators.Add(result => check(result, name));
        return option;
    }

    private static Argument<FileInfo> Checked(string name, string description, Action<SymbolResult, string> check)
    {
        var argument = new Argument<FileInfo>(name) { Description = description };
        argument.Validators.Add(result => check(result, name));
        return argument;
    }

    private static void RequireInput(SymbolResult result, string name)
    {
        foreach (var token in result.Tokens)
            if (!Path.Exists(token.Value)) result.AddError($"{name} {token.Value}: there is no such file");
    }

    private static void RequireOutput(SymbolResult result, string name)
    {
        foreach (var token in result.Tokens)
        {
            if (Directory.Exists(token.Value)) result.AddError($"{name} {token.Value}: that is a folder; name a file in it");
            else if (Path.GetDirectoryName(Path.GetFullPath(token.Value)) is { } folder && !Directory.Exists(folder)) result.AddError($"{name} {token.Value}: there is no folder {folder}; make it first");
        }
    }
}
