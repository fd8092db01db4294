using CitySafeSense.Numerics;

namespace CitySafeSense.Learning;

/// <summary>
/// Static quantisation after training: ranges are those that values had over a representative set, weights have a scale for
/// each output channel (Jacob et al. 2018; Krishnamoorthi 2018, section 3).
/// </summary>
public static class Quantiser
{
    /// <summary>
    /// Share of the representative examples whose values a range holds; those of the rest are cut off. One wild window in hundreds
    /// would make the steps of all others coarse: with every window covered, accuracy on HAPT falls by 1.3 points at width 48.
    /// </summary>
    private const double CoveredShare = 0.99;

    /// <param name="representative">Inputs like those to come; a few hundred are enough.</param>
    /// <param name="range">Of the weights; the form for ONNX takes seven bits.</param>
    /// <exception cref="ArgumentException">There are none, or they or the weights do not fit.</exception>
    public static QuantisedNetwork Quantise(Network network, ReadOnlySpan<float> weights, Examples representative, WeightRange range = WeightRange.EightBits)
    {
        if (representative.Count == 0) throw new ArgumentException("a representative set has at least one example");
        if (representative.InputLength != network.InputLength || weights.Length != network.Layout.Length)
            throw new ArgumentException($"{network.Name} takes inputs of {network.InputLength} values and has {network.Layout.Length} parameters; {representative.InputLength} and {weights.Length} do not fit");
        var ranges = Ranges(network, weights, representative);
        var layers = new QuantisedLayer[network.Nodes.Count];
        for (var i = 0; i < layers.Length; i++) layers[i] = Layer(network, network.Nodes[i], layers, ranges[i], weights, (int)range);
        return new QuantisedNetwork(network, layers, range);
    }

    private static (float Minimum, float Maximum)[] Ranges(Network network, ReadOnlySpan<float> weights, Examples examples)
    {
        var workspace = (NetworkWorkspace)network.CreateWorkspace();
        var seen = network.Nodes.Select(_ => (Minima: new float[examples.Count], Maxima: new float[examples.Count])).ToArray();
        for (var row = 0; row < examples.Count; row++)
        {
            var i = 0;
            foreach (var (minimum, maximum) in workspace.Ranges(weights, examples.Input(row)))
            {
                if (!float.IsFinite(minimum + maximum)) throw new ArgumentException($"{network.Nodes[i].Name} is not finite for example {row}: training diverged or the example is no input");
                (seen[i].Minima[row], seen[i].Maxima[row]) = (minimum, maximum);
                i++;
            }
        }
        return [.. seen.Select(s => (-Covering(s.Minima.Select(m => -m)), Covering(s.Maxima)))];
    }

    /// <summary>What the extremes of all but the wildest hundredth of the examples reach.</summary>
    private static float Covering(IEnumerable<float> extremes)
    {
        float[] sorted = [.. extremes.Order()];
        return sorted[(int)Math.Ceiling(CoveredShare * sorted.Length) - 1];
    }

    private static QuantisedLayer Layer(Network network, Node node, QuantisedLayer[] layers, (float Minimum, float Maximum) range, ReadOnlySpan<float> weights, int weightMax)
    {
        var output = AffineQuantisation.Covering(range.Minimum, range.Maximum);
        switch (node)
        {
            case InputNode:
                return new QuantisedInput(node, output);
            case WeightedNode n:
                return Convolution(n, layers[n.Input].Output, output, range, weights, weightMax);
            case MaxPoolNode n:
                return new QuantisedMaxPool(n, layers[n.Input].Output);
            case GlobalAverageNode n:
                var from = network.Nodes[n.Input].Shape;
                return new QuantisedGlobalAverage(n, output, FixedPointFactor.Of(layers[n.Input].Output.Scale / ((double)output.Scale * from.Height * from.Width)));
            case AddNode { Activation: Activation.Logistic }:
                throw new NotSupportedException($"{node.Name}: a logistic function after a sum cannot be quantised; put a convolution of one pixel between them");
            case AddNode n:
                return new QuantisedAdd(n, output, Multiplier(layers[n.First].Output, output), Multiplier(layers[n.Second].Output, output));
            default:
                throw new NotSupportedException($"{node.Name}: {node.GetType().Name} cannot be quantised");
        }
    }

    private static QuantisedConvolution Convolution(
        WeightedNode node, AffineQuantisation input, AffineQuantisation output, (float Minimum, float Maximum) range, ReadOnlySpan<float> weights, int weightMax)
    {
        var (weight, bias, isDepthwise) = (node.Weight, node.Bias, node is DepthwiseNode);
        var outputs = bias.Length;
        var inputs = isDepthwise ? 1 : weight.Shape[^2];
        var taps = weight.Length / (inputs * outputs);
        var source = weights.Slice(weight.Offset, weight.Length);
        var (quantised, scales, biases, factors) = (new sbyte[weight.Length], new float[outputs], new int[outputs], new FixedPointFactor[outputs]);
        var before = node.Activation == Activation.Logistic ? AffineQuantisation.Covering(Logit(range.Minimum), Logit(range.Maximum)) : output;
        for (var o = 0; o < outputs; o++)
        {
            var largest = 0f;
            for (var i = o; i < source.Length; i += outputs) largest = Math.Max(largest, Math.Abs(source[i]));
            // Fine enough for the weights, coarse enough for the bias: where weights are next to nothing the bias is all there is.
            scales[o] = Math.Max(Math.Max(largest / weightMax, Math.Abs(weights[bias.Offset + o]) / (input.Scale * (1 << 29))), 1e-8f);
            for (var k = 0; k < taps * inputs; k++)
                quantised[isDepthwise ? k * outputs + o : o * taps * inputs + k] = (sbyte)Math.Clamp(Math.Round(source[k * outputs + o] / scales[o], MidpointRounding.AwayFromZero), -weightMax, weightMax);
            var unit = (double)input.Scale * scales[o];
            biases[o] = (int)Math.Clamp(Math.Round(weights[bias.Offset + o] / unit), -(1 << 30), 1 << 30);
            if (Math.Abs((long)biases[o]) + 255L * 127 * taps * inputs > int.MaxValue) throw new NotSupportedException($"{node.Name}: sums of {taps * inputs} products in eight bits can exceed 32 bits; split the layer");
            factors[o] = FixedPointFactor.Of(unit / before.Scale);
        }
        if (node.Activation != Activation.Logistic) return new(node, output, quantised, scales, biases, factors, output, null);
        sbyte[] table = [.. Enumerable.Range(-128, 256).Select(q => AffineQuantisation.Unit.Quantise(1 / (1 + Elementary.ExpSingle(-before.Dequantise((sbyte)q)))))];
        return new(node, AffineQuantisation.Unit, quantised, scales, biases, factors, before, table);
    }

    private static int Multiplier(AffineQuantisation from, AffineQuantisation to) => (int)Math.Round((double)from.Scale / to.Scale * (1 << QuantisedAdd.Shift));

    private static float Logit(float probability)
    {
        var p = Math.Clamp(probability, 1e-6, 1 - 1e-6);
        return (float)Elementary.Log(p / (1 - p));
    }
}
