using CitySafeSense.Numerics;

namespace CitySafeSense.Learning;

/// <summary>A network laid out in memory for one worker: any weights can be streamed through it.</summary>
internal sealed class NetworkWorkspace : ModelWorkspace
{
    private readonly Network network;
    private readonly Kernels kernels;
    private readonly Operation[] operations;
    private readonly float[] output, outputGradient;

    public NetworkWorkspace(Network network, Kernels kernels)
    {
        (this.network, this.kernels) = (network, kernels);
        var borders = BordersOf(network);
        operations = new Operation[network.Nodes.Count];
        for (var i = 0; i < operations.Length; i++)
        {
            var node = network.Nodes[i];
            var value = new Image(node.Shape, borders[i], isPadded: i > 0 || !network.Nodes.Where(n => n.Inputs.Contains(0)).All(n => n is ConvolutionNode));
            operations[i] = node is InputNode ? new InputOperation(kernels, value) : Operation(node, value, new Image(node.Shape, borders[i]));
        }
        (output, outputGradient) = (new float[network.Outputs], new float[network.Outputs]);
    }

    public void Infer(ReadOnlySpan<float> weights, ReadOnlySpan<float> input, Span<float> result)
    {
        foreach (var operation in operations) operation.Prepare(weights, forTraining: false);
        Forward(weights, input);
        operations[^1].Value.Store(result);
    }

    /// <summary>The smallest and the largest value that a layer made of the last input.</summary>
    public (float Minimum, float Maximum) RangeOf(int node)
    {
        var value = operations[node].Value;
        var planes = new float[value.Shape.Length];
        value.Store(planes);
        return (planes.Min(), planes.Max());
    }

    public double LossAndGradient(ReadOnlySpan<float> weights, Examples examples, ReadOnlySpan<int> rows, Span<float> gradient)
    {
        gradient.Clear();
        foreach (var operation in operations) operation.Prepare(weights, forTraining: true);
        var (loss, total) = (0.0, 0.0);
        foreach (var row in rows) total += network.Loss.WeightOf(examples, row);
        foreach (var row in rows)
        {
            Forward(weights, examples.Input(row));
            var share = network.Loss.WeightOf(examples, row) / total;
            operations[^1].Value.Store(output);
            loss += share * network.Loss.WithGradient(kernels, output, examples, row, outputGradient);
            kernels.Scale((float)share, outputGradient);
            Backward(gradient);
        }
        foreach (var operation in operations) operation.Finish(gradient);
        return loss;
    }

    private void Forward(ReadOnlySpan<float> weights, ReadOnlySpan<float> input)
    {
        operations[0].Value.Load(input);
        for (var i = 1; i < operations.Length; i++) operations[i].Forward(weights);
    }

    private void Backward(Span<float> gradient)
    {
        for (var i = 1; i < operations.Length - 1; i++) operations[i].Gradient.Data.AsSpan().Clear();
        operations[^1].Gradient.Load(outputGradient);
        for (var i = operations.Length - 1; i > 0; i--) operations[i].Backward(gradient);
    }

    private Operation Operation(Node node, Image value, Image gradient)
    {
        var inputs = node.Inputs;
        return node switch
        {
            ConvolutionNode n => new ConvolutionOperation(kernels, n, operations[n.Input], value, gradient, n.Input > 0),
            TransposedConvolutionNode n => new TransposedConvolutionOperation(kernels, n, operations[n.Input], value, gradient, n.Input > 0),
            DepthwiseNode n => new DepthwiseOperation(kernels, n, operations[n.Input], value, gradient, n.Input > 0),
            AddNode n => new AddOperation(kernels, n, operations[n.First], operations[n.Second], value, gradient, n.First > 0, n.Second > 0),
            GlobalAverageNode => new GlobalAverageOperation(kernels, operations[inputs[0]], value, gradient),
            MaxPoolNode => new MaxPoolOperation(kernels, operations[inputs[0]], value, gradient),
            _ => throw new NotSupportedException($"{node.Name}: {node.GetType().Name} cannot be executed"),
        };
    }

    /// <summary>What each layer's image must have around it, for whoever looks at it.</summary>
    private static Border[] BordersOf(Network network)
    {
        var borders = new Border[network.Nodes.Count];
        for (var i = 1; i < borders.Length; i++)
        {
            switch (network.Nodes[i])
            {
                case ConvolutionNode n:
                    Meet(n.Window, n.Input, i);
                    break;
                case DepthwiseNode n:
                    Meet(n.Window, n.Input, i);
                    break;
                case TransposedConvolutionNode n:
                    Meet(n.Window, i, n.Input);
                    break;
            }
        }
        return borders;

        void Meet(Window window, int big, int small)
        {
            var (bigBorder, smallBorder) = TapGeometry.Borders(window, network.Nodes[big].Shape, network.Nodes[small].Shape);
            (borders[big], borders[small]) = (borders[big].Or(bigBorder), borders[small].Or(smallBorder));
        }
    }
}
