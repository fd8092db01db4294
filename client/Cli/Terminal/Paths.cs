using System.CommandLine.Parsing;

namespace CitySafeSense.Cli.Terminal;

/// <summary>Files on a command line: whether they can be read or written is said before any work is done.</summary>
internal static class Paths
{
    /// <summary>A file, or where the description says so a folder, that exists.</summary>
    public static Option<FileInfo> Input(string name, string description, bool required = false)
    {
        var option = new Option<FileInfo>(name) { Description = description, Required = required };
        option.Validators.Add(result => RequireInput(result, name));
        return option;
    }

    public static Argument<FileInfo> InputArgument(string name, string description)
    {
        var argument = new Argument<FileInfo>(name) { Description = description };
        argument.Validators.Add(result => RequireInput(result, name));
        return argument;
    }

    /// <summary>A file to be written, in a folder that exists.</summary>
    public static Option<FileInfo> Output(string name, string description, bool required = false)
    {
        var option = new Option<FileInfo>(name) { Description = description, Required = required };
        option.Validators.Add(result => RequireOutput(result, name));
        return option;
    }

    public static Argument<FileInfo> OutputArgument(string name, string description)
    {
        var argument = new Argument<FileInfo>(name) { Description = description };
        argument.Validators.Add(result => RequireOutput(result, name));
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
