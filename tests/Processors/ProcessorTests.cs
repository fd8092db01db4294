using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using CitySafeSense.Portability;

namespace CitySafeSense.Processors;

/// <summary>The same numbers on every processor: hashes and numeric tests in processes with instruction sets switched off, and on emulated ARM64.</summary>
public partial class ProcessorTests
{
    private static readonly GoldenFile golden = GoldenFile.Read(Path.Combine(AppContext.BaseDirectory, "Golden", "runs.json"));
    private static readonly Lazy<Task<ProcessorReport>> asItIs = new(() => Processor.AsItIs.ReportAsync());

    public static TheoryData<string> Names => [.. Processor.Local.Select(p => p.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public Task Numbers_are_the_recorded_ones(string processor) => ReproducesHashes(Processor.Local.Single(p => p.Name == processor));

    [Theory]
    [MemberData(nameof(Names))]
    public Task Numeric_tests_pass(string processor) => PassesTests(Processor.Local.Single(p => p.Name == processor), testsMin: 250);

    internal static async Task ReproducesHashes(Processor processor)
    {
        var report = processor == Processor.AsItIs ? await asItIs.Value : await processor.ReportAsync();
        Assert.True(processor.IsTaken(report, await asItIs.Value), $"the process ran as {report with { Hashes = golden.Hashes }}, not {processor.Name}");
        var expected = golden.Hashes;
        Assert.Equal(expected.Keys.Order(), report.Hashes.Keys.Order());
        Assert.All(expected, hash => Assert.True(report.Hashes[hash.Key] == hash.Value, $"{hash.Key}: {report.Hashes[hash.Key]}, recorded {hash.Value}"));
    }

    /// <param name="parts">Of the names of the tests, or none for all.</param>
    internal static async Task PassesTests(Processor processor, int testsMin, params string[] parts)
    {
        var (code, output, error) = await processor.RunAsync(["tests", .. parts]);
        Assert.True(code == 0, $"{output}{error}");
        Assert.InRange(int.Parse(Passed().Match(output).Groups[1].Value, CultureInfo.InvariantCulture), testsMin, int.MaxValue);
    }

    [GeneratedRegex("^([0-9]+) passed, 0 failed")]
    private static partial Regex Passed();
}

/// <summary>The same on ARM64 with NEON, emulated: in a class of its own, so that it runs beside the others.</summary>
public class Arm64Tests
{
    [Arm64Fact]
    public Task Numbers_are_the_recorded_ones() => ProcessorTests.ReproducesHashes(Processor.Arm64);

    /// <summary>Kernels, networks of every width and the generator; the rest would take the emulator minutes and use the same kernels.</summary>
    [Arm64Fact]
    public Task Numeric_tests_pass() => ProcessorTests.PassesTests(Processor.Arm64, testsMin: 150, "Science.Numerics", "RegisterWidthTests", "PersonSignalTests");
}

/// <summary>Our eight bits and ONNX Runtime's, which takes other instructions on an older processor: with eight-bit weights these saturate, 70 steps of the output apart.</summary>
public class EightBitTests
{
    private const double StepsMax = 3;

    [Fact]
    public Task Onnx_runtime_agrees_on_this_processor() => Agrees(Processor.AsItIs);

    [WithoutVnniFact]
    public Task Onnx_runtime_agrees_on_a_processor_without_VNNI() => Agrees(Processor.WithoutVnni);

    private static async Task Agrees(Processor processor)
    {
        Assert.True(processor.IsTaken(await processor.ReportAsync("paths"), await Processor.AsItIs.ReportAsync("paths")), $"the process did not run as {processor.Name}");
        var (code, output, error) = await processor.RunAsync("onnx");
        Assert.True(code == 0, error);
        var steps = JsonSerializer.Deserialize<Dictionary<string, double>>(output)!;
        Assert.InRange(steps.Count, 30, int.MaxValue);
        Assert.All(steps, network => Assert.True(network.Value <= StepsMax, $"{network.Key}: {network.Value} steps apart on {processor.Name}"));
    }
}

/// <summary>A test on an emulated older x64 processor, skipped with the reason where there is none.</summary>
public sealed class WithoutVnniFactAttribute : FactAttribute
{
    public WithoutVnniFactAttribute() => Skip = Processor.WithoutVnniAbsent;
}

/// <summary>A test on an emulated ARM64 processor, skipped with the reason where there is none.</summary>
public sealed class Arm64FactAttribute : FactAttribute
{
    public Arm64FactAttribute() => Skip = Processor.Arm64Absent;
}
