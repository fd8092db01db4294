using CitySafeSense.Learning;
using CitySafeSense.Sensing;
using CitySafeSense.Sensing.Generator;

namespace CitySafeSense.City;

/// <summary>
/// What the simplest honest classifier reaches: logistic regression on each channel's mean and deviation, standardised, fitted
/// to everybody's windows at once. A generator it solves is too easy; a network that does not beat it is not worth its battery.
/// </summary>
public static class LinearBaseline
{
    private const int Steps = 300;
    private const double Rate = 0.05;

    public static Classification Judge(IReadOnlyList<LabelledWindow> training, IReadOnlyList<LabelledWindow> test)
    {
        var (fit, judged) = (Features(training), Features(test));
        Standardise(fit, judged);
        var features = 2 * WindowSchema.Default.Channels.Count;
        var model = LinearClassifier.Build(features, ActivityClasses.Count);
        var examples = Examples(fit, training, features);
        var (weights, gradient, workspace) = (model.Initialise(0), new float[model.Layout.Length], model.CreateWorkspace());
        var rows = Enumerable.Range(0, examples.Count).ToArray();
        var adam = new Adam(weights.Length, Rate);
        for (var step = 0; step < Steps; step++)
        {
            model.LossAndGradient(weights, examples, rows, workspace, gradient);
            adam.Step(weights, gradient);
        }
        return Evaluation.Of(model, weights, Examples(judged, test, features), workspace).Classification;
    }

    private static Examples Examples(double[][] features, IReadOnlyList<LabelledWindow> windows, int length) =>
        new([.. features.SelectMany(f => f.Select(x => (float)x))], [.. windows.Select(w => (int)w.Label)], length);

    private static double[][] Features(IReadOnlyList<LabelledWindow> windows) => [.. windows.Select(w =>
    {
        var channels = WindowSchema.Default.Channels.Count;
        var features = new double[2 * channels];
        for (var c = 0; c < channels; c++)
        {
            double sum = 0, squares = 0;
            foreach (var value in w.Window[c])
            {
                sum += value;
                squares += (double)value * value;
            }
            var mean = sum / WindowSchema.Default.Samples;
            features[c] = mean;
            features[channels + c] = Math.Sqrt(Math.Max(0, squares / WindowSchema.Default.Samples - mean * mean));
        }
        return features;
    })];

    /// <summary>By the training set's mean and deviation; the test set has no say in it.</summary>
    private static void Standardise(double[][] training, double[][] test)
    {
        for (var f = 0; f < training[0].Length; f++)
        {
            var mean = training.Average(row => row[f]);
            var deviation = Math.Sqrt(training.Average(row => (row[f] - mean) * (row[f] - mean))) + 1e-9;
            foreach (var row in training.Concat(test)) row[f] = (row[f] - mean) / deviation;
        }
    }
}
