namespace CitySafeSense.Tests;

/// <summary>Scripts in tests/Node, which run what npm has on the other side of a test.</summary>
/// <remarks>On a build machine too they may be missing: npm is not among what the gate installs, and each test says what stands in for them.</remarks>
internal static class NodeScript
{
    /// <summary>Nothing where `npm ci --prefix tests/Node` has not been run.</summary>
    /// <param name="package">Which it needs.</param>
    public static string? Find(string script, string package)
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
            if (Path.Combine(at.FullName, "tests", "Node") is var folder && File.Exists(Path.Combine(folder, script)))
                return Directory.Exists(Path.Combine(folder, "node_modules", package)) ? Path.Combine(folder, script) : null;
        throw new FileNotFoundException($"tests/Node/{script}");
    }
}
