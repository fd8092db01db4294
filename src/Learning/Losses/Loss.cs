using CitySafeSense.Numerics;

namespace CitySafeSense.Learning;

/// <summary>What a network is trained for.</summary>
public abstract class Loss
{
    /// <exception cref="ArgumentException">The network's output is not what this loss judges.</exception>
    public abstract void Check(Network network);

    /// <exception cref="ArgumentException">The row cannot be judged.</exception>
    public abstract void Check(Network network, Examples examples, int row);

    /// <summary>How much a row counts beside others; the loss of a batch is the weighted mean.</summary>
    public virtual double WeightOf(Examples examples, int row) => 1;

    /// <summary>The loss of one output [outputs].</summary>
    public abstract double Of(ReadOnlySpan<float> output, Examples examples, int row);

    /// <summary>The same, and d loss / d output, [outputs].</summary>
    public abstract double WithGradient(Kernels kernels, ReadOnlySpan<float> output, Examples examples, int row, Span<float> gradient);
}
