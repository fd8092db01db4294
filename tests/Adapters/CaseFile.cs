namespace CitySafeSense.Tests;

/// <summary>Inputs written after public reports of what people have, in tests/Cases.</summary>
internal static class CaseFile
{
    public static string Folder => Path.Combine(AppContext.BaseDirectory, "Cases");

    public static FileStream Open(string path) => File.OpenRead(Path.Combine(Folder, path));

    public static byte[] Bytes(string path) => File.ReadAllBytes(Path.Combine(Folder, path));

    public static IEnumerable<string> Of(string folder) => Directory.EnumerateFiles(Path.Combine(Folder, folder)).Select(f => Path.GetRelativePath(Folder, f)).Order(StringComparer.Ordinal);
}
