using CitySafeSense.Numerics;

namespace CitySafeSense.Learning;

/// <summary>Cross-entropy of a classifier's logits.</summary>
/// <param name="classWeights">How much a row of each class counts, for classes that are rare; none: all alike.</param>
public sealed class CrossEntropy(IReadOnlyList<double>? classWeights = null) : Loss
{
    /// <summary>Weights that make every class count the same in all: rows / (classes * rows of the class). A class without rows counts nothing.</summary>
    public static IReadOnlyList<double> Balanced(Examples examples, int classes)
    {
        var counts = new int[classes];
        for (var row = 0; row < examples.Count; row++) counts[examples.Label(row)]++;
        return [.. counts.Select(n => n == 0 ? 0 : (double)examples.Count / (classes * n))];
    }

    public override void Check(Network network)
    {
        if (network.Nodes[^1].Shape is not { Height: 1, Width: 1 }) throw new ArgumentException($"{network.Name}: a classifier ends in a vector of logits, not in {network.Nodes[^1].Shape}");
        if (classWeights is not null && classWeights.Count != network.Outputs) throw new ArgumentException($"{network.Name}: {classWeights.Count} class weights for {network.Outputs} classes");
        if (classWeights is not null && classWeights.Any(w => !(w >= 0) || !double.IsFinite(w))) throw new ArgumentException($"{network.Name}: class weights are at least 0");
    }

    public override void Check(Network network, Examples examples, int row)
    {
        if ((uint)examples.Label(row) >= (uint)network.Outputs)
            throw new ArgumentException($"row {row} has label {examples.Label(row)}; {network.Name} knows 0 to {network.Outputs - 1}");
    }

    public override double WeightOf(Examples examples, int row) => classWeights is null ? 1 : classWeights[examples.Label(row)];

    public override double Of(ReadOnlySpan<float> output, Examples examples, int row) => Softmax.CrossEntropy(output, examples.Label(row));

    public override double WithGradient(Kernels kernels, ReadOnlySpan<float> output, Examples examples, int row, Span<float> gradient) =>
        Softmax.CrossEntropy(output, examples.Label(row), gradient);
}
