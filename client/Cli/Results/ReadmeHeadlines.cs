namespace CitySafeSense.Cli.Results;

/// <summary>The part of README that quotes results: one sentence of each page, with a link to it.</summary>
internal static class ReadmeHeadlines
{
    private const string Begin = "<!-- results: made by `./citysafe results` -->", End = "<!-- end of results -->";

    /// <summary>README with the headlines of these pages.</summary>
    /// <param name="pages">The files' names without ending, and their content.</param>
    /// <exception cref="InvalidDataException">README has no place for them.</exception>
    public static string Replace(string readme, IEnumerable<(string Name, ResultFile File)> pages)
    {
        var (begin, end) = (readme.IndexOf(Begin, StringComparison.Ordinal), readme.IndexOf(End, StringComparison.Ordinal));
        if (begin < 0 || end < begin) throw new InvalidDataException($"README.md has no lines \"{Begin}\" and \"{End}\" to put results between");
        var lines = pages.Select(p => $"- **[{p.File.Title}](docs/results/{p.Name}.md)**: {p.File.Headline}\n");
        return $"{readme[..begin]}{Begin}\n{string.Concat(lines)}{readme[end..]}";
    }
}
