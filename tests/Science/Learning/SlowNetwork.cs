using CitySafeSense.Learning;

namespace CitySafeSense.Science.Learning;

/// <summary>The definition of every layer as plain loops in double precision: what the kernels are compared with.</summary>
internal static class SlowNetwork
{
    public static double[] Infer(Network network, IReadOnlyList<float> weights, ReadOnlySpan<float> input) =>
        Infer(network, [.. weights.Select(w => (double)w)], [.. input.ToArray().Select(x => (double)x)]);

    public static double Loss(Network network, double[] weights, Examples examples, int[] rows)
    {
        var (loss, total) = (0.0, 0.0);
        foreach (var row in rows)
        {
            double[] input = [.. examples.Input(row).ToArray().Select(x => (double)x)];
            var output = Infer(network, weights, input);
            var weight = network.Loss.WeightOf(examples, row);
            total += weight;
            loss += weight * (network.Loss is CrossEntropy
                ? Math.Log(output.Sum(o => Math.Exp(o - output.Max()))) + output.Max() - output[examples.Label(row)]
                : output.Zip(input, (o, x) => (o - x) * (o - x)).Average());
        }
        return loss / total;
    }

    private static double[] Infer(Network network, double[] weights, double[] input)
    {
        var values = new List<double[]>();
        foreach (var node in network.Nodes)
        {
            var value = node switch
            {
                InputNode => input,
                ConvolutionNode n => Convolve(n, network.Nodes[n.Input].Shape, values[n.Input], weights),
                TransposedConvolutionNode n => Transpose(n, network.Nodes[n.Input].Shape, values[n.Input], weights),
                DepthwiseNode n => Depthwise(n, network.Nodes[n.Input].Shape, values[n.Input], weights),
                MaxPoolNode n => Pool(n, network.Nodes[n.Input].Shape, values[n.Input]),
                GlobalAverageNode n => [.. values[n.Input].Chunk(values[n.Input].Length / n.Shape.Channels).Select(c => c.Average())],
                AddNode n => [.. values[n.First].Zip(values[n.Second], (a, b) => a + b)],
                _ => throw new NotSupportedException(),
            };
            values.Add(node.Activation switch
            {
                Activation.Relu => [.. value.Select(v => Math.Max(0, v))],
                Activation.Logistic => [.. value.Select(v => 1 / (1 + Math.Exp(-v)))],
                _ => value,
            });
        }
        return values[^1];
    }

    private static double[] Convolve(ConvolutionNode n, Shape from, double[] x, double[] w)
    {
        var y = new double[n.Shape.Length];
        foreach (var (o, row, column) in Pixels(n.Shape))
        {
            var sum = w[n.Bias.Offset + o];
            foreach (var (ty, tx) in Taps(n.Window))
                for (var i = 0; i < from.Channels; i++)
                    sum += Weight(n.Weight, w, ty, tx, i, o) * At(x, from, i, row * n.Window.Stride + ty - n.Window.Top, column * n.Window.Stride + tx * n.Window.Dilation - n.Window.Left);
            y[(o * n.Shape.Height + row) * n.Shape.Width + column] = sum;
        }
        return y;
    }

    private static double[] Depthwise(DepthwiseNode n, Shape from, double[] x, double[] w)
    {
        var y = new double[n.Shape.Length];
        foreach (var (c, row, column) in Pixels(n.Shape))
        {
            var sum = w[n.Bias.Offset + c];
            foreach (var (ty, tx) in Taps(n.Window))
                sum += w[n.Weight.Offset + (ty * n.Window.Width + tx) * from.Channels + c] * At(x, from, c, row + ty - n.Window.Top, column + tx * n.Window.Dilation - n.Window.Left);
            y[(c * n.Shape.Height + row) * n.Shape.Width + column] = sum;
        }
        return y;
    }

    private static double[] Transpose(TransposedConvolutionNode n, Shape from, double[] x, double[] w)
    {
        var y = new double[n.Shape.Length];
        foreach (var (o, row, column) in Pixels(n.Shape)) y[(o * n.Shape.Height + row) * n.Shape.Width + column] = w[n.Bias.Offset + o];
        foreach (var (i, row, column) in Pixels(from))
            foreach (var (ty, tx) in Taps(n.Window))
                for (var o = 0; o < n.Shape.Channels; o++)
                {
                    var (toRow, toColumn) = (row * n.Window.Stride + ty - n.Window.Top, column * n.Window.Stride + tx * n.Window.Dilation - n.Window.Left);
                    if (toRow >= 0 && toColumn >= 0 && toRow < n.Shape.Height && toColumn < n.Shape.Width)
                        y[(o * n.Shape.Height + toRow) * n.Shape.Width + toColumn] += Weight(n.Weight, w, ty, tx, i, o) * At(x, from, i, row, column);
                }
        return y;
    }

    private static double[] Pool(MaxPoolNode n, Shape from, double[] x)
    {
        var y = new double[n.Shape.Length];
        foreach (var (c, row, column) in Pixels(n.Shape))
            y[(c * n.Shape.Height + row) * n.Shape.Width + column] = new[] { (0, 0), (0, 1), (1, 0), (1, 1) }.Max(d => At(x, from, c, 2 * row + d.Item1, 2 * column + d.Item2));
        return y;
    }

    private static double Weight(ParameterTensor tensor, double[] w, int ty, int tx, int i, int o) =>
        w[tensor.Offset + (tensor.Shape.Count == 2 ? i * tensor.Shape[1] : ((ty * tensor.Shape[1] + tx) * tensor.Shape[2] + i) * tensor.Shape[3]) + o];

    private static double At(double[] x, Shape shape, int c, int row, int column) =>
        row < 0 || column < 0 || row >= shape.Height || column >= shape.Width ? 0 : x[(c * shape.Height + row) * shape.Width + column];

    private static IEnumerable<(int, int, int)> Pixels(Shape shape) =>
        from c in Enumerable.Range(0, shape.Channels) from y in Enumerable.Range(0, shape.Height) from x in Enumerable.Range(0, shape.Width) select (c, y, x);

    private static IEnumerable<(int, int)> Taps(Window window) =>
        from y in Enumerable.Range(0, window.Height) from x in Enumerable.Range(0, window.Width) select (y, x);
}
