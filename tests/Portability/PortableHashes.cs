using System.Globalization;
using System.Runtime.InteropServices;
using CitySafeSense.City;
using CitySafeSense.Federation;
using CitySafeSense.Hotspots;
using CitySafeSense.Learning;
using CitySafeSense.Numerics;
using CitySafeSense.Privacy;
using CitySafeSense.Science.Learning;
using CitySafeSense.Sensing;
using CitySafeSense.Sensing.Generator;

namespace CitySafeSense.Portability;

/// <summary>Hashes of numbers that a seed promises, the same on every processor. tests/Golden/runs.json records them.</summary>
internal static class PortableHashes
{
    private const int TrainingSteps = 50, Windows = 40;

    /// <summary>By name, in a fixed order.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> All() =>
    [
        new("elementary functions", Of(ElementaryFunctions())),
        new("random numbers", Of(RandomNumbers())),
        new("special functions and accountants", Of(SpecialFunctions())),
        new("cells of positions", Of(Cells())),
        new("a generated person", Of(SyntheticPeople.Draw(1, 0, Windows).SelectMany(w => w.Window.Values.ToArray()))),
        new("a resident's frames", OfBytes(Residents())),
        new("two days of a city of flows", Of(Flows())),
        .. TestNetworks.All.Concat(TestNetworks.Wide).SelectMany(Network),
        .. Strategy.All.Where(s => s.Arrival == Arrival.Together).Select(s => new KeyValuePair<string, string>($"three federated rounds of {s.Name}", Of(Federated(s)))),
    ];

    /// <summary>What no seed may depend on: shows that another variant of the C library was taken.</summary>
    public static string OfLibrary() => Of(Enumerable.Range(1, 20_000).SelectMany(i => new[] { Math.Sin(i * 0.37), Math.Exp(i * 0.003), Math.Log(i * 0.37), Math.Atan2(i, 777), Math.Pow(i, 1.3) }));

    private static IEnumerable<double> ElementaryFunctions()
    {
        for (var x = -40.0; x < 40; x += 0.0137)
        {
            yield return Elementary.Exp(x);
            yield return Elementary.Sin(x * 1000);
            yield return Elementary.Cos(x * 1000);
            yield return Elementary.Tan(x);
            yield return Elementary.Atan2(x, x * x - 3);
            yield return Elementary.Asin(x / 40);
            yield return Elementary.Acos(x / 40);
            yield return Elementary.Log(Math.Abs(x));
            yield return Elementary.Log2(Math.Abs(x));
            yield return Elementary.ExpSingle((float)x);
            yield return Elementary.Power(x, 7);
        }
    }

    private static IEnumerable<double> RandomNumbers()
    {
        var rng = Rng.For(1, "portable");
        for (var i = 0; i < 10_000; i++)
        {
            yield return rng.NextUInt64();
            yield return rng.NextDouble();
            yield return rng.Gaussian();
            yield return rng.NextInt(1 + i);
        }
    }

    private static IEnumerable<double> SpecialFunctions()
    {
        for (var z = -8.0; z < 30; z += 0.11) yield return NormalDistribution.UpperTail(z);
        for (var tail = 1e-9; tail < 1; tail *= 1.7) yield return NormalDistribution.UpperQuantile(tail);
        for (var x = 0.1; x < 300; x *= 1.1) yield return LogGamma.Of(x);
        for (var count = 0; count < 100; count++) yield return CountTail.Z(count, 31.7, 1.5);
        foreach (var steps in new[] { 10, 100, 1000 }) yield return RenyiAccountant.Epsilon([new GaussianSteps(0.01, 1.1, steps)], 1e-5);
        float[] vector = [.. Enumerable.Range(0, 999).Select(i => (float)Elementary.Sin(i))];
        for (var length = 0; length < vector.Length; length += 37) yield return EuclideanNorm.Of(vector.AsSpan(0, length));
    }

    private static IEnumerable<double> Cells()
    {
        var rng = Rng.For(1, "positions");
        for (var i = 0; i < 20_000; i++)
        {
            var position = new LatLng(rng.Uniform(-90, 90), rng.Uniform(-180, 180));
            var cell = H3.LatLngToCell(position, i % 16);
            yield return BitConverter.UInt64BitsToDouble(cell.Value);
            if (i % 10 != 0) continue;
            var centre = H3.CellToLatLng(cell);
            yield return centre.LatitudeDegrees;
            yield return centre.LongitudeDegrees;
        }
    }

    private static IEnumerable<byte[]> Residents()
    {
        var (city, start) = (new VirtualCity(VirtualCity.MaxCells), DateTimeOffset.UnixEpoch);
        for (var i = 0; i < 3; i++)
        {
            var resident = new Resident(city, 1, i, drillShare: 0.2);
            for (var window = 0; window < Windows; window++) yield return resident.Next(start.AddSeconds(30 * window), 30, []).Frame;
        }
    }

    private static IEnumerable<double> Flows()
    {
        var city = new FlowCity(cells: 61, warmUpDays: 7, days: 2, incidents: 6, seed: 1);
        var counts = new int[city.Cells.Count];
        for (var bin = 0; bin < 2 * FlowCity.BinsPerDay; bin++)
        {
            city.Next(bin, counts);
            foreach (var count in counts) yield return count;
        }
    }

    private static IEnumerable<KeyValuePair<string, string>> Network(string name)
    {
        var network = TestNetworks.Named(name);
        var (examples, rows) = TestNetworks.Random(network, network.Loss is CrossEntropy ? 3 : 19);
        var (weights, gradient, workspace) = (network.Initialise(1), new float[network.Layout.Length], network.CreateWorkspace());
        var adam = new Adam(weights.Length, 0.003, decay: 0.01);
        for (var step = 0; step < TrainingSteps; step++)
        {
            network.LossAndGradient(weights, examples, rows, workspace, gradient);
            adam.Step(weights, gradient);
        }
        yield return new($"{name}: {TrainingSteps} training steps", Of(weights));
        yield return new($"{name}: inference", Of(Outputs(network, examples, (input, output) => network.Infer(weights, input, workspace, output))));
        var quantised = Quantiser.Quantise(network, weights, examples);
        yield return new($"{name}: in eight bits", Of(Outputs(network, examples, (input, output) => quantised.Infer(input, output))));
    }

    private delegate void Inference(ReadOnlySpan<float> input, Span<float> output);

    private static float[] Outputs(Network network, Examples examples, Inference infer)
    {
        var outputs = new float[examples.Count * network.Outputs];
        for (var row = 0; row < examples.Count; row++) infer(examples.Input(row), outputs.AsSpan(row * network.Outputs, network.Outputs));
        return outputs;
    }

    /// <summary>Rounds in a plain loop; FederatedExperimentTests holds that grains make the same weights.</summary>
    private static float[] Federated(Strategy strategy)
    {
        const int Clients = 4, Rounds = 3;
        LabelledWindow[][] people = [.. Enumerable.Range(0, Clients).Select(p => SyntheticPeople.Draw(1, p, Windows).ToArray())];
        var scaling = ChannelScaling.Fit(WindowSchema.Default, people.SelectMany(p => p).Select(w => w.Window));
        var model = ModelCatalogue.Named("tcn").Build(new ModelRequest(new Shape(WindowSchema.Default.NetworkChannels, 1, WindowSchema.Default.Samples), ActivityClasses.Count, ModelRequest.ParseSettings("width=16 dilations=1+2+4")));
        var workspace = model.CreateWorkspace();
        Examples[] examples = [.. people.Select(p => Scaled(p, scaling))];
        var (global, memory, personal) = (model.Initialise(1), ServerMemory.None, new PersonalModel?[Clients]);
        for (var round = 1; round <= Rounds; round++)
        {
            var instructions = new ClientInstructions { Strategy = strategy.Name, Round = round, Seed = 1 };
            var sum = new MeanAggregation(strategy.UpdateLength(global.Length), normMax: 50);
            var received = new ReceivedModel(global, memory.IsEmpty ? [] : memory.Vectors[0]);
            for (var c = 0; c < Clients; c++)
            {
                var name = c.ToString(CultureInfo.InvariantCulture);
                var result = ClientStep.Run(model, received, personal[c], examples[c], instructions, name, workspace);
                personal[c] = result.Personal ?? personal[c];
                if (result.Delta is { } delta) sum.Add(name, delta, result.Samples);
            }
            if (sum.Updates > 0) (global, memory) = strategy.Server.Step(global, sum.Finish(), memory, 0, 1);
        }
        return [.. global, .. personal.SelectMany(p => p is null ? [] : p.Weights.ToArray())];
    }

    private static Examples Scaled(LabelledWindow[] windows, ChannelScaling scaling)
    {
        var length = WindowSchema.Default.NetworkChannels * WindowSchema.Default.Samples;
        var inputs = new float[windows.Length * length];
        for (var i = 0; i < windows.Length; i++) NetworkInput.Write(windows[i].Window, scaling, inputs.AsSpan(i * length, length));
        return new Examples(inputs, [.. windows.Select(w => (int)w.Label)], length);
    }

    private static string Of(IEnumerable<double> values) => OfBytes([MemoryMarshal.AsBytes<double>(values.ToArray()).ToArray()]);

    private static string Of(IEnumerable<float> values) => OfBytes([MemoryMarshal.AsBytes<float>(values.ToArray()).ToArray()]);

    /// <summary>Not SHA-256: .NET's needs OpenSSL, which an emulated processor may lack.</summary>
    private static string OfBytes(IEnumerable<byte[]> parts) => StableHash.Of(parts.SelectMany(p => p).ToArray()).ToString("x16", CultureInfo.InvariantCulture);
}
