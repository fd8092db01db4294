using System.Collections.Immutable;
using CitySafeSense.EmbeddedOrleans.Generator;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace CitySafeSense.Architecture.GrainRules;

/// <summary>What the generator and its analyser refuse, each tried with a source that breaks one rule, and what they let pass.</summary>
public sealed class GrainRulesTests
{
    private const string Sound = """
        using System.Collections.Generic; using System.Collections.Immutable; using System.Threading.Tasks; using Orleans; using Orleans.Runtime;
        namespace Sample;
        [GenerateSerializer, Alias("sample.Parcel")] public sealed class Parcel { [Id(0)] public List<string> Items { get; set; } = []; [Id(1)] private int weight; public int Twice => 2 * weight; }
        [GenerateSerializer, Immutable, Alias("sample.Card")] public sealed record Card(string Text, ImmutableArray<int> Numbers);
        public sealed class Foreign { public int Value; }
        [GenerateSerializer, Alias("sample.ForeignSurrogate")] public struct ForeignSurrogate { [Id(0)] public int Value; }
        [RegisterConverter] public sealed class ForeignConverter : IConverter<Foreign, ForeignSurrogate>
        {
            public Foreign ConvertFromSurrogate(in ForeignSurrogate surrogate) => new() { Value = surrogate.Value };
            public ForeignSurrogate ConvertToSurrogate(in Foreign value) => new() { Value = value.Value };
        }
        public interface IPost : IGrainWithStringKey { Task<Card> Send(Parcel parcel, Foreign foreign, Dictionary<string, int[]> counts); ValueTask Leave(); }
        [GenerateSerializer, Alias("sample.State")] public sealed class State { [Id(0)] public int Value { get; set; } }
        public sealed class PostGrain([PersistentState("post")] IPersistentState<State> state) : Grain, IPost
        {
            public async Task<Card> Send(Parcel parcel, Foreign foreign, Dictionary<string, int[]> counts) { await Task.Yield(); return new Card(state.State.Value.ToString(), []); }
            public ValueTask Leave() => default;
        }
        """;

    [Fact]
    public async Task Sound_grain_passes_and_its_generated_code_compiles()
    {
        var (diagnostics, generated) = await Check(Sound);
        Assert.Empty(diagnostics);
        Assert.Contains(generated, g => g.Contains("Sample_IPost_Proxy", StringComparison.Ordinal));
        Assert.Contains(generated, g => g.Contains("Sample_Parcel_Copier", StringComparison.Ordinal));
        Assert.DoesNotContain(generated, g => g.Contains("Sample_Card_Copier", StringComparison.Ordinal)); // nobody can change it
    }

    [Theory]
    [InlineData("CSS001", "ValueTask Leave();", "void Leave();")]
    [InlineData("CSS002", "[GenerateSerializer, Alias(\"sample.Parcel\")] public", "public")]
    [InlineData("CSS002", "[RegisterConverter] public", "public")]
    [InlineData("CSS002", "Dictionary<string, int[]> counts); ValueTask", "Dictionary<string, System.IO.Stream> counts); ValueTask")]
    [InlineData("CSS002", "[GenerateSerializer, Alias(\"sample.State\")] public", "public")]
    [InlineData("CSS003", "[Id(1)] private int weight;", "private int weight;")]
    [InlineData("CSS004", "[Id(1)] private int weight;", "[Id(0)] private int weight;")]
    [InlineData("CSS005", "[GenerateSerializer, Alias(\"sample.Parcel\")]", "[GenerateSerializer]")]
    [InlineData("CSS006", "await Task.Yield();", "await Task.Delay(1).ConfigureAwait(false);")]
    [InlineData("CSS006", "await Task.Yield();", "await Task.Run(() => { });")]
    [InlineData("CSS006", "await Task.Yield();", "await new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously).Task;")]
    [InlineData("CSS007", "ValueTask Leave();", "ValueTask Leave(); Task Any<T>(T value);")]
    public async Task Broken_rule_is_an_error_where_it_stands(string rule, string sound, string broken)
    {
        Assert.Contains(sound, Sound);
        var (diagnostics, _) = await Check(Sound.Replace(sound, broken, StringComparison.Ordinal));
        Assert.Contains(diagnostics, d => d.Id == rule && d.Severity == DiagnosticSeverity.Error && d.Location.IsInSource);
    }

    [Fact]
    public async Task Field_that_is_left_out_by_intent_needs_no_number() =>
        Assert.Empty((await Check(Sound.Replace("[Id(1)] private int weight;", "[System.NonSerialized] private int weight;", StringComparison.Ordinal))).Diagnostics);

    private static async Task<(ImmutableArray<Diagnostic> Diagnostics, string[] Generated)> Check(string source)
    {
        var platform = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(p => MetadataReference.CreateFromFile(p));
        var compilation = CSharpCompilation.Create("Sample", [CSharpSyntaxTree.ParseText(source)], platform, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        var driver = CSharpGeneratorDriver.Create(new ProxyGenerator(), new CopierGenerator()).RunGeneratorsAndUpdateCompilation(compilation, out var complete, out var reported);
        var analysed = await complete.WithAnalyzers([new GrainAnalyzer()]).GetAnalyzerDiagnosticsAsync();
        ImmutableArray<Diagnostic> ours = [.. reported.Concat(analysed)];
        if (ours.IsEmpty) Assert.Empty(complete.GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error));
        return (ours, [.. driver.GetRunResult().GeneratedTrees.Select(t => t.ToString())]);
    }
}
