namespace CitySafeSense.Architecture;

/// <summary>The tree these tests are about.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    /// <summary>Folders that hold a project.</summary>
    public static IReadOnlyList<string> Projects { get; } =
        [.. Files("*.csproj").Select(f => Path.GetRelativePath(Root, Path.GetDirectoryName(f)!).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    public static IEnumerable<string> Sources(string folder) => Files("*.cs", folder);

    public static IEnumerable<string> Files(string pattern, string folder = "") =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), pattern, SearchOption.AllDirectories)
            .Where(f => !f.Contains("/artifacts/", StringComparison.Ordinal) && !f.Contains("/node_modules/", StringComparison.Ordinal) && !f.Contains("/.git/", StringComparison.Ordinal));

    private static string Find()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
            if (File.Exists(Path.Combine(at.FullName, "CitySafeSense.sln"))) return at.FullName;
        throw new DirectoryNotFoundException("CitySafeSense.sln is in no folder above these tests");
    }
}
