using System.Reflection;
using Xunit;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace CitySafeSense.Portability;

/// <summary>
/// Runs tests of Science.Tests in this process. A test host cannot be started on an emulated processor, and takes its own
/// settings from the environment; this takes none.
/// </summary>
internal sealed class NumericTests
{
    /// <summary>Numbers that everything else is made of. What starts compilers, Node or native runtimes stays with the machine as it is.</summary>
    private static readonly string[] namespaces = ["CitySafeSense.Science.Numerics", "CitySafeSense.Science.Learning", "CitySafeSense.Science.Sensing.PersonSignalTests"];
    private static readonly string[] excluded = ["CitySafeSense.Science.Learning.Export", "CitySafeSense.Science.Learning.RealDataQuantisationTests", "CitySafeSense.Science.Learning.PyTorchTests"];

    /// <param name="only">A part of the names to run; all where it is empty.</param>
    /// <returns>How many passed and failed; failures are written to stderr.</returns>
    public static (int Passed, int Failed) Run(string only)
    {
        var assembly = typeof(Science.RecordingsFactAttribute).Assembly;
        using var framework = new XunitTestFramework(new Sink());
        var discovery = new Sink();
        using var discoverer = framework.GetDiscoverer(Reflector.Wrap(assembly));
        discoverer.Find(includeSourceInformation: false, discovery, new Options());
        discovery.Wait();
        ITestCase[] cases = [.. discovery.Cases.Where(c => Serves(c) && c.DisplayName.Contains(only, StringComparison.Ordinal))];
        var execution = new Sink();
        using var executor = framework.GetExecutor(assembly.GetName());
        executor.RunTests(cases, execution, new Options());
        execution.Wait();
        return (execution.Passed, execution.Failed);
    }

    private static bool Serves(ITestCase test) => namespaces.Any(n => test.DisplayName.StartsWith(n, StringComparison.Ordinal))
        && !excluded.Any(n => test.DisplayName.StartsWith(n, StringComparison.Ordinal));

    private sealed class Sink : LongLivedMarshalByRefObject, IMessageSink
    {
        private readonly ManualResetEventSlim ended = new();
        private int passed, failed;

        public List<ITestCase> Cases { get; } = [];
        public int Passed => passed;
        public int Failed => failed;

        public void Wait() => ended.Wait();

        public bool OnMessage(IMessageSinkMessage message)
        {
            switch (message)
            {
                case ITestCaseDiscoveryMessage found:
                    lock (Cases) Cases.Add(found.TestCase);
                    break;
                case ITestPassed:
                    Interlocked.Increment(ref passed);
                    break;
                case ITestFailed test:
                    Interlocked.Increment(ref failed);
                    Console.Error.WriteLine($"{test.Test.DisplayName}: {string.Join("; ", test.Messages)}");
                    break;
                case IErrorMessage error:
                    Interlocked.Increment(ref failed);
                    Console.Error.WriteLine(string.Join("; ", error.Messages));
                    break;
                case IDiscoveryCompleteMessage or ITestAssemblyFinished:
                    ended.Set();
                    break;
            }
            return true;
        }
    }

    /// <summary>One test after another: the processors that this is for are emulated, and have one core to themselves at best.</summary>
    private sealed class Options : ITestFrameworkDiscoveryOptions, ITestFrameworkExecutionOptions
    {
        private readonly Dictionary<string, object?> values = new() { ["xunit.execution.DisableParallelization"] = true, ["xunit.discovery.PreEnumerateTheories"] = true };

        public TValue GetValue<TValue>(string name) => values.TryGetValue(name, out var value) && value is TValue typed ? typed : default!;

        public void SetValue<TValue>(string name, TValue value) => values[name] = value;
    }
}
