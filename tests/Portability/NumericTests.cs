using System.Reflection;
using CitySafeSense.Science;
using Xunit;
using Xunit.Sdk;

namespace CitySafeSense.Portability;

/// <summary>
/// Runs tests of Science.Tests in this process, one after another. xUnit's own runner names tests by SHA-1, for which .NET needs
/// OpenSSL, and that is not there for an emulated processor.
/// </summary>
internal static class NumericTests
{
    /// <summary>Numbers that everything else is made of.</summary>
    private static readonly string[] namespaces = ["CitySafeSense.Science.Numerics", "CitySafeSense.Science.Learning", "CitySafeSense.Science.Sensing.PersonSignalTests"];

    /// <summary>Not what starts compilers, Python or native runtimes, needs OpenSSL or recordings: that is tested on the machine as it is.</summary>
    private static readonly string[] excluded =
    [
        "CitySafeSense.Science.Learning.Export", "CitySafeSense.Science.Learning.RealDataQuantisationTests", "CitySafeSense.Science.Learning.PyTorchTests",
        "CitySafeSense.Science.Learning.TrainerTests",
    ];

    /// <param name="parts">Of the names to run; all where there are none.</param>
    /// <returns>How many passed and failed; failures are written to stderr.</returns>
    public static (int Passed, int Failed) Run(IReadOnlyCollection<string> parts)
    {
        var (passed, failed) = (0, 0);
        foreach (var (name, test) in Tests().Where(t => parts.Count == 0 || parts.Any(part => t.Name.Contains(part, StringComparison.Ordinal))))
        {
            try
            {
                test();
                passed++;
            }
            catch (Exception e)
            {
                failed++;
                Console.Error.WriteLine($"{name}: {(e is TargetInvocationException { InnerException: { } inner } ? inner : e)}");
            }
        }
        return (passed, failed);
    }

    private static IEnumerable<(string Name, Action Test)> Tests() =>
        from type in typeof(RecordingsFactAttribute).Assembly.GetExportedTypes().OrderBy(t => t.FullName, StringComparer.Ordinal)
        where Serves(type.FullName!)
        from method in type.GetMethods()
        let fact = method.GetCustomAttribute<FactAttribute>()
        where fact is { Skip: null }
        from arguments in Arguments(method)
        select ($"{type.FullName}.{method.Name}({string.Join(", ", arguments)})", new Action(() => Invoke(type, method, arguments)));

    private static IEnumerable<object[]> Arguments(MethodInfo method) =>
        method.GetCustomAttributes<DataAttribute>().ToArray() is { Length: > 0 } data ? data.SelectMany(d => d.GetData(method)) : [[]];

    private static void Invoke(Type type, MethodInfo method, object[] arguments)
    {
        var instance = Activator.CreateInstance(type);
        using (instance as IDisposable) (method.Invoke(instance, arguments) as Task)?.GetAwaiter().GetResult();
    }

    private static bool Serves(string name) => namespaces.Any(n => name.StartsWith(n, StringComparison.Ordinal)) && !excluded.Any(n => name.StartsWith(n, StringComparison.Ordinal));
}
