using CitySafeSense.Learning;
using CitySafeSense.OnnxRuntime;
using CitySafeSense.Sensing;
using CitySafeSense.Sensing.Recordings;

namespace CitySafeSense.Science.Learning;

/// <summary>Eight bits on real recordings: at most one percentage point of accuracy, in our integers and in ONNX Runtime's.</summary>
public class RealDataQuantisationTests
{
    [RecordingsFact("hapt_50hz.npz")]
    public void Activities() => Compare("hapt_50hz.npz", archive => [.. ActivitySegments.Split(ImuRecordings.Read(archive), [1, 2, 3, 4, 5, 6])
        .SelectMany(p => p.Training.Concat(p.Test).Select(w => ($"{p.Person}", w.Window, w.Label)))], 6, epochs: 4, least: 0.8);

    [RecordingsFact("sisfall_50hz.npz")]
    public void Falls() => Compare("sisfall_50hz.npz", archive => FallRecordings.Read(archive).Windows, 2, epochs: 8, least: 0.85);

    private static void Compare(string file, Func<NpzArchive, IReadOnlyList<(string Person, SensorWindow Window, int Label)>> read, int classes, int epochs, double least)
    {
        using var stream = File.OpenRead(RecordingsFactAttribute.Find(file)!);
        using var archive = new NpzArchive(stream, file);
        var windows = read(archive);
        string[] people = [.. windows.Select(w => w.Person).Distinct().Order(StringComparer.Ordinal)];
        var judges = people.Where((_, i) => i % 4 == 0).ToHashSet();
        var scaling = ChannelScaling.Fit(WindowSchema.Default, windows.Where(w => !judges.Contains(w.Person)).Select(w => w.Window));
        var (training, test) = (Examples(windows.Where(w => !judges.Contains(w.Person)), scaling), Examples(windows.Where(w => judges.Contains(w.Person)), scaling));
        var network = Tcn.Build(TcnOptions.Default(WindowSchema.Default.NetworkChannels, 100, classes));
        var trainer = new Trainer(network, new TrainingOptions { Epochs = epochs, Schedule = new LearningRateSchedule.Cosine(0.003, epochs) }, 1);
        while (!trainer.IsDone) trainer.RunEpoch(training, test);

        var quantised = Quantiser.Quantise(network, trainer.Best, Some(training, 300));
        using var onnx = new OnnxModel(QuantisedOnnxExporter.Export(Quantiser.Quantise(network, trainer.Best, Some(training, 300), WeightRange.SevenBits)), file);
        var (real, integers, runtime, logits) = (new Classification(classes), new Classification(classes), new Classification(classes), new float[classes]);
        var workspace = network.CreateWorkspace();
        for (var row = 0; row < test.Count; row++)
        {
            network.Infer(trainer.Best, test.Input(row), workspace, logits);
            real.Add(test.Label(row), Classification.ArgMax(logits));
            quantised.Infer(test.Input(row), logits);
            integers.Add(test.Label(row), Classification.ArgMax(logits));
            runtime.Add(test.Label(row), Classification.ArgMax(onnx.Run(test.Input(row).ToArray(), "logits")));
        }
        Assert.InRange(real.Accuracy, least, 1);
        Assert.InRange(integers.Accuracy, real.Accuracy - 0.01, 1);
        Assert.InRange(runtime.Accuracy, real.Accuracy - 0.01, 1);
    }

    private static Examples Some(Examples examples, int count)
    {
        int[] rows = [.. Enumerable.Range(0, count).Select(i => (int)((long)i * examples.Count / count))];
        return new Examples([.. rows.SelectMany(row => examples.Input(row).ToArray())], [.. rows.Select(examples.Label)], examples.InputLength);
    }

    private static Examples Examples(IEnumerable<(string Person, SensorWindow Window, int Label)> windows, ChannelScaling scaling)
    {
        var (kept, length) = (windows.ToArray(), WindowSchema.Default.NetworkChannels * WindowSchema.Default.Samples);
        var inputs = new float[kept.Length * length];
        for (var i = 0; i < kept.Length; i++) NetworkInput.Write(kept[i].Window, scaling, inputs.AsSpan(i * length, length));
        return new Examples(inputs, [.. kept.Select(w => w.Label)], length);
    }
}
