namespace CitySafeSense.Learning;

/// <summary>A layer whose values have eight bits.</summary>
/// <param name="Node">What it computes.</param>
/// <param name="Output">What its values stand for.</param>
public abstract record QuantisedLayer(Node Node, AffineQuantisation Output);

/// <summary>The example, quantised.</summary>
public sealed record QuantisedInput(Node Node, AffineQuantisation Output) : QuantisedLayer(Node, Output);

/// <summary>A convolution, transposed or of each channel by itself.</summary>
/// <param name="Weights">[outputs, taps, inputs]; of a depthwise one [taps, channels]. Symmetric, a scale for each output channel.</param>
/// <param name="WeightScales">[outputs].</param>
/// <param name="Bias">[outputs], in units of input scale times weight scale.</param>
/// <param name="Factors">[outputs]: from a sum to the output's units.</param>
/// <param name="BeforeTable">What sums are rounded to where a function follows; else the same as <paramref name="Output"/>.</param>
/// <param name="Table">The function of every value from -128 to 127; null where none follows, or ReLU, which the range cuts off by itself.</param>
public sealed record QuantisedConvolution(
    Node Node, AffineQuantisation Output, sbyte[] Weights, float[] WeightScales, int[] Bias, FixedPointFactor[] Factors, AffineQuantisation BeforeTable, sbyte[]? Table)
    : QuantisedLayer(Node, Output);

/// <summary>The largest of four; the units stay.</summary>
public sealed record QuantisedMaxPool(Node Node, AffineQuantisation Output) : QuantisedLayer(Node, Output);

/// <summary>The mean of every channel.</summary>
/// <param name="Factor">From the sum to the output's units.</param>
public sealed record QuantisedGlobalAverage(Node Node, AffineQuantisation Output, FixedPointFactor Factor) : QuantisedLayer(Node, Output);

/// <summary>The sum of two: (first * FirstMultiplier + second * SecondMultiplier) / 2^<see cref="Shift"/>.</summary>
public sealed record QuantisedAdd(Node Node, AffineQuantisation Output, int FirstMultiplier, int SecondMultiplier) : QuantisedLayer(Node, Output)
{
    public const int Shift = 20;
}
