namespace CitySafeSense.Science.Learning.Export;

/// <summary>A theory that needs a compiler; says so and skips where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CompilerTheoryAttribute : TheoryAttribute
{
    public CompilerTheoryAttribute(string compiler)
    {
        if (!Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, compiler)))) Skip = $"{compiler} is not installed";
    }
}
