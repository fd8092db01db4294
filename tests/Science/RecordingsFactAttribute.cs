namespace CitySafeSense.Science;

/// <summary>A test on real recordings, looked for in CITYSAFE_DATA or in shared/data beside the repository; it says so and is skipped where they are absent.</summary>
public sealed class RecordingsFactAttribute : FactAttribute
{
    public RecordingsFactAttribute(string file)
    {
        if (Find(file) is null) Skip = $"{file} is absent: set CITYSAFE_DATA to the folder that holds it";
    }

    public static string? Find(string file)
    {
        if (Environment.GetEnvironmentVariable("CITYSAFE_DATA") is { } folder) return Existing(Path.Combine(folder, file));
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
            if (Existing(Path.Combine(at.FullName, "shared", "data", file)) is { } found) return found;
        return null;
    }

    private static string? Existing(string path) => File.Exists(path) ? path : null;
}
