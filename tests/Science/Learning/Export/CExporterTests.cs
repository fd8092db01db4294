using System.Diagnostics;
using CitySafeSense.Learning;
using CitySafeSense.Numerics;
using Xunit.Abstractions;

namespace CitySafeSense.Science.Learning.Export;

/// <summary>The exported C, compiled and run beside our own integer arithmetic.</summary>
public class CExporterTests(ITestOutputHelper output)
{
    private const int Windows = 1000;

    public static TheoryData<string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (var name in new[] { "tcn", "tcn as wide as its input", "micro autoencoder", "micro bottleneck autoencoder", "strided autoencoder", "overlapping windows, uneven padding", "mlp" })
                foreach (var flags in new[] { "-O0", "-O2", "-O1 -fsanitize=undefined -fno-sanitize-recover" }) cases.Add(name, flags);
            return cases;
        }
    }

    [CompilerTheory("gcc")]
    [MemberData(nameof(Cases))]
    public void C_gives_the_same_bits_on_a_thousand_windows(string name, string flags)
    {
        var model = Quantised(name);
        var folder = Directory.CreateTempSubdirectory("citysafe-c-").FullName;
        try
        {
            Write(folder, CExporter.Export(model, "model"));
            File.WriteAllText(Path.Combine(folder, "main.c"), CExporter.Filter("model"));
            Tool("gcc", $"-std=c99 -Wall -Wextra -Wpedantic -Werror {flags} model.c main.c -o program", folder);
            var inputs = Inputs(model);
            var outputs = Filter(Path.Combine(folder, "program"), inputs);
            var expected = new sbyte[model.Network.Outputs];
            Assert.Equal(Windows * expected.Length, outputs.Length);
            var distinct = new HashSet<long>();
            for (var w = 0; w < Windows; w++)
            {
                model.Infer(inputs.AsSpan(w * model.Network.InputLength, model.Network.InputLength), expected);
                Assert.True(expected.AsSpan().SequenceEqual(outputs.AsSpan(w * expected.Length, expected.Length)), $"window {w} differs");
                distinct.Add(expected.Aggregate(17L, (hash, v) => hash * 31 + v));
            }
            Assert.True(distinct.Count > Windows / 20, $"{distinct.Count} different outputs: nothing is compared");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [CompilerTheory("arm-none-eabi-gcc")]
    [InlineData("tcn")]
    [InlineData("micro autoencoder 32 x 32")]
    public void C_compiles_for_a_cortex_m4_and_fits_beside_everything_else(string name)
    {
        var model = Quantised(name);
        var folder = Directory.CreateTempSubdirectory("citysafe-c-").FullName;
        try
        {
            var source = CExporter.Export(model, "model");
            Write(folder, source);
            Tool("arm-none-eabi-gcc", "-std=c99 -Wall -Wextra -Werror -Os -mcpu=cortex-m4 -mthumb -ffreestanding -c model.c -o model.o", folder);
            var size = Tool("arm-none-eabi-size", "model.o", folder).Split('\n')[1].Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            var (text, data, bss) = (int.Parse(size[0]), int.Parse(size[1]), int.Parse(size[2]));
            output.WriteLine($"{name}: {text + data} bytes of flash, {data + bss} of memory");
            Assert.Equal(source.ArenaBytes, bss);
            Assert.InRange(text + data + bss, 1, 512 * 1024 / 4);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Layers_that_live_at_the_same_time_never_share_memory()
    {
        foreach (var name in TestNetworks.All)
        {
            var nodes = TestNetworks.Named(name).Nodes;
            var plan = new ArenaPlan(nodes);
            for (var i = 1; i < nodes.Count - 1; i++)
                for (var j = i + 1; j < nodes.Count - 1; j++)
                {
                    var lastUseOfI = Enumerable.Range(0, nodes.Count).Last(n => n == i || nodes[n].Inputs.Contains(i));
                    if (lastUseOfI < j) continue;
                    Assert.True(
                        plan.OffsetOf(i) + nodes[i].Shape.Length <= plan.OffsetOf(j) || plan.OffsetOf(j) + nodes[j].Shape.Length <= plan.OffsetOf(i),
                        $"{name}: {nodes[i].Name} and {nodes[j].Name} overlap");
                }
            Assert.InRange(plan.Bytes, 0, nodes.Skip(1).Sum(n => n.Shape.Length));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("1st")]
    [InlineData("my-model")]
    [InlineData("x; system(0)")]
    public void What_is_no_identifier_is_refused(string name) =>
        Assert.Contains("is no name for C", Assert.Throws<ArgumentException>(() => CExporter.Export(Quantised("linear"), name)).Message);

    private static QuantisedNetwork Quantised(string name)
    {
        var network = name == "micro autoencoder 32 x 32" ? Autoencoders.Micro() : TestNetworks.Named(name);
        return Quantiser.Quantise(network, TestNetworks.Randomised(network), TestNetworks.Random(network, 16).Examples);
    }

    /// <summary>Ordinary ones, and all-zero, saturated, alternating and single extreme values.</summary>
    private static sbyte[] Inputs(QuantisedNetwork model)
    {
        var (length, rng) = (model.Network.InputLength, new Rng(3));
        var inputs = new sbyte[Windows * length];
        for (var w = 0; w < Windows; w++)
            for (var i = 0; i < length; i++)
                inputs[w * length + i] = (w % 10) switch
                {
                    0 => (sbyte)model.Input.ZeroPoint,
                    1 => (sbyte)(w % 20 == 1 ? 127 : -128),
                    2 => (sbyte)((i + w) % 2 == 0 ? 127 : -128),
                    3 => (sbyte)(i % 37 == w % 37 ? 127 : model.Input.ZeroPoint),
                    4 => (sbyte)(rng.NextInt(256) - 128),
                    _ => model.Input.Quantise((float)rng.Gaussian()),
                };
        return inputs;
    }

    private static void Write(string folder, CSource source)
    {
        File.WriteAllText(Path.Combine(folder, "model.h"), source.Header);
        File.WriteAllText(Path.Combine(folder, "model.c"), source.Implementation);
    }

    private static string Tool(string program, string arguments, string folder)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardError = true, RedirectStandardOutput = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {arguments}: {errors.Result}");
        return output;
    }

    private static sbyte[] Filter(string program, sbyte[] input)
    {
        using var process = Process.Start(new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        var writing = Task.Run(() =>
        {
            process.StandardInput.BaseStream.Write((byte[])(Array)input);
            process.StandardInput.Close();
        });
        using var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        writing.Wait();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return (sbyte[])(Array)output.ToArray();
    }
}
