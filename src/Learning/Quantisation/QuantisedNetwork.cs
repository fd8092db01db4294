namespace CitySafeSense.Learning;

/// <summary>
/// A network in eight bits, computed with integers alone: the plain loops that the exported C has too, so that both give the
/// same bits. Values are [height, width, channels]. Not for several threads.
/// </summary>
public sealed class QuantisedNetwork
{
    private readonly sbyte[][] values;

    internal QuantisedNetwork(Network network, IReadOnlyList<QuantisedLayer> layers, WeightRange range)
    {
        (Network, Layers, Range) = (network, layers, range);
        values = [.. layers.Select(l => new sbyte[l.Node.Shape.Length])];
    }

    public Network Network { get; }
    public IReadOnlyList<QuantisedLayer> Layers { get; }
    public WeightRange Range { get; }
    public AffineQuantisation Input => Layers[0].Output;
    public AffineQuantisation Output => Layers[^1].Output;

    /// <summary>Bytes of all weights, biases, factors and tables.</summary>
    public int ParameterBytes => Layers.OfType<QuantisedConvolution>().Sum(c => c.Weights.Length + c.Bias.Length * 9 + (c.Table?.Length ?? 0));

    /// <summary>[outputs] from one input [channels, height, width].</summary>
    public void Infer(ReadOnlySpan<float> input, Span<float> output)
    {
        var quantised = new sbyte[input.Length];
        QuantiseInput(input, quantised);
        var result = new sbyte[Network.Outputs];
        Infer(quantised, result);
        var shape = Network.Nodes[^1].Shape;
        for (var c = 0; c < shape.Channels; c++)
            for (var p = 0; p < shape.Height * shape.Width; p++) output[c * shape.Height * shape.Width + p] = Output.Dequantise(result[p * shape.Channels + c]);
    }

    /// <summary>From [channels, height, width] to [height, width, channels].</summary>
    public void QuantiseInput(ReadOnlySpan<float> input, Span<sbyte> quantised)
    {
        var shape = Network.Nodes[0].Shape;
        if (input.Length != shape.Length) throw new ArgumentException($"{Network.Name} takes inputs of {shape.Length} values, not {input.Length}");
        for (var c = 0; c < shape.Channels; c++)
            for (var p = 0; p < shape.Height * shape.Width; p++) quantised[p * shape.Channels + c] = Input.Quantise(input[c * shape.Height * shape.Width + p]);
    }

    /// <summary>Both [height, width, channels].</summary>
    public void Infer(ReadOnlySpan<sbyte> input, Span<sbyte> output)
    {
        if (input.Length != Network.InputLength || output.Length != Network.Outputs)
            throw new ArgumentException($"{Network.Name} makes {Network.Outputs} outputs of {Network.InputLength} inputs, not {output.Length} of {input.Length}");
        input.CopyTo(values[0]);
        for (var i = 1; i < values.Length; i++)
        {
            switch (Layers[i])
            {
                case QuantisedConvolution { Node: ConvolutionNode n } layer:
                    Convolve(layer, n.Window, n.Input, values[i]);
                    break;
                case QuantisedConvolution { Node: TransposedConvolutionNode n } layer:
                    Transpose(layer, n.Window, n.Input, values[i]);
                    break;
                case QuantisedConvolution { Node: DepthwiseNode n } layer:
                    Depthwise(layer, n.Window, n.Input, values[i]);
                    break;
                case QuantisedMaxPool { Node: MaxPoolNode n }:
                    Pool(n, values[i]);
                    break;
                case QuantisedGlobalAverage { Node: GlobalAverageNode n } layer:
                    Average(layer, n.Input, values[i]);
                    break;
                case QuantisedAdd { Node: AddNode n } layer:
                    Add(layer, n, values[i]);
                    break;
            }
        }
        values[^1].CopyTo(output);
    }

    private void Convolve(QuantisedConvolution layer, Window window, int from, sbyte[] y)
    {
        var (shape, source, x, zero) = (layer.Node.Shape, Network.Nodes[from].Shape, values[from], Layers[from].Output.ZeroPoint);
        for (var p = 0; p < shape.Height * shape.Width; p++)
            for (var o = 0; o < shape.Channels; o++)
            {
                var sum = layer.Bias[o];
                for (var tap = 0; tap < window.Taps; tap++)
                {
                    var row = p / shape.Width * window.Stride + tap / window.Width - window.Top;
                    var column = p % shape.Width * window.Stride + tap % window.Width * window.Dilation - window.Left;
                    if (row >= 0 && row < source.Height && column >= 0 && column < source.Width) sum += Dot(layer, o, window, tap, x, (row * source.Width + column) * source.Channels, source.Channels, zero);
                }
                y[p * shape.Channels + o] = Finished(layer, o, sum);
            }
    }

    private void Transpose(QuantisedConvolution layer, Window window, int from, sbyte[] y)
    {
        var (shape, source, x, zero) = (layer.Node.Shape, Network.Nodes[from].Shape, values[from], Layers[from].Output.ZeroPoint);
        for (var p = 0; p < shape.Height * shape.Width; p++)
            for (var o = 0; o < shape.Channels; o++)
            {
                var sum = layer.Bias[o];
                for (var tap = 0; tap < window.Taps; tap++)
                {
                    var row = p / shape.Width + window.Top - tap / window.Width;
                    var column = p % shape.Width + window.Left - tap % window.Width * window.Dilation;
                    if (row < 0 || column < 0 || row % window.Stride != 0 || column % window.Stride != 0) continue;
                    (row, column) = (row / window.Stride, column / window.Stride);
                    if (row < source.Height && column < source.Width) sum += Dot(layer, o, window, tap, x, (row * source.Width + column) * source.Channels, source.Channels, zero);
                }
                y[p * shape.Channels + o] = Finished(layer, o, sum);
            }
    }

    private void Depthwise(QuantisedConvolution layer, Window window, int from, sbyte[] y)
    {
        var (shape, source, x, zero) = (layer.Node.Shape, Network.Nodes[from].Shape, values[from], Layers[from].Output.ZeroPoint);
        for (var p = 0; p < shape.Height * shape.Width; p++)
            for (var c = 0; c < shape.Channels; c++)
            {
                var sum = layer.Bias[c];
                for (var tap = 0; tap < window.Taps; tap++)
                {
                    var row = p / shape.Width + tap / window.Width - window.Top;
                    var column = p % shape.Width + tap % window.Width * window.Dilation - window.Left;
                    if (row >= 0 && row < source.Height && column >= 0 && column < source.Width)
                        sum += (x[(row * source.Width + column) * source.Channels + c] - zero) * layer.Weights[tap * shape.Channels + c];
                }
                y[p * shape.Channels + c] = Finished(layer, c, sum);
            }
    }

    private void Pool(MaxPoolNode node, sbyte[] y)
    {
        var (shape, x) = (node.Shape, values[node.Input]);
        for (var i = 0; i < y.Length; i++)
        {
            var (c, column, row) = (i % shape.Channels, i / shape.Channels % shape.Width, i / shape.Channels / shape.Width);
            var at = (2 * row * 2 * shape.Width + 2 * column) * shape.Channels + c;
            var below = at + 2 * shape.Width * shape.Channels;
            y[i] = Math.Max(Math.Max(x[at], x[at + shape.Channels]), Math.Max(x[below], x[below + shape.Channels]));
        }
    }

    private void Average(QuantisedGlobalAverage layer, int from, sbyte[] y)
    {
        var (x, zero) = (values[from], Layers[from].Output.ZeroPoint);
        for (var c = 0; c < y.Length; c++)
        {
            var sum = 0;
            for (var i = c; i < x.Length; i += y.Length) sum += x[i] - zero;
            y[c] = Saturated(layer.Factor.Apply(sum) + layer.Output.ZeroPoint);
        }
    }

    private void Add(QuantisedAdd layer, AddNode node, sbyte[] y)
    {
        var (a, b) = (values[node.First], values[node.Second]);
        var (zeroA, zeroB) = (Layers[node.First].Output.ZeroPoint, Layers[node.Second].Output.ZeroPoint);
        for (var i = 0; i < y.Length; i++)
            y[i] = Saturated(FixedPointFactor.Round((long)(a[i] - zeroA) * layer.FirstMultiplier + (long)(b[i] - zeroB) * layer.SecondMultiplier, QuantisedAdd.Shift) + layer.Output.ZeroPoint);
    }

    private static int Dot(QuantisedConvolution layer, int output, Window window, int tap, sbyte[] x, int at, int inputs, int zero)
    {
        var weights = layer.Weights.AsSpan((output * window.Taps + tap) * inputs, inputs);
        var pixel = x.AsSpan(at, inputs);
        var sum = 0;
        for (var i = 0; i < weights.Length; i++) sum += (pixel[i] - zero) * weights[i];
        return sum;
    }

    private static sbyte Finished(QuantisedConvolution layer, int output, int sum)
    {
        var value = Saturated(layer.Factors[output].Apply(sum) + layer.BeforeTable.ZeroPoint);
        return layer.Table is { } table ? table[value + 128] : value;
    }

    private static sbyte Saturated(int value) => (sbyte)Math.Clamp(value, -128, 127);
}
