namespace CitySafeSense.Learning;

/// <summary>
/// A network with its weights as an ONNX file: input [batch, channels, height, width]; a classifier's outputs are "logits" and
/// "probabilities" [batch, classes], an autoencoder's is "reconstruction". A convolution over time is one of 1 x k pixels:
/// ONNX Runtime computes that twice as fast as its one-dimensional kind.
/// </summary>
public static class OnnxExporter
{
    /// <exception cref="ArgumentException">The weights are not this network's.</exception>
    public static byte[] Export(Network network, ReadOnlySpan<float> weights)
    {
        if (weights.Length != network.Layout.Length) throw new ArgumentException($"{network.Name} has {network.Layout.Length} parameters, not {weights.Length}");
        var graph = new OnnxGraph(network.Name);
        var values = new string[network.Nodes.Count];
        for (var i = 0; i < values.Length; i++)
        {
            var node = network.Nodes[i];
            var made = Add(graph, network, node, values, weights);
            values[i] = node.Activation switch
            {
                Activation.Relu => graph.Node("Relu", node.Name + ".relu", [made]),
                Activation.Logistic => graph.Node("Sigmoid", node.Name + ".sigmoid", [made]),
                _ => made,
            };
        }
        Finish(graph, network, values[^1]);
        return graph.ToModel($"{network.Name}, {network.Layout.Length} parameters", ModelMetadata.Of(network));
    }

    internal static void Input(OnnxGraph graph, Shape shape) => graph.Input("input", shape.Channels, shape.Height, shape.Width);

    /// <summary>Names what leaves the graph.</summary>
    internal static void Finish(OnnxGraph graph, Network network, string last)
    {
        var shape = network.Nodes[^1].Shape;
        if (network.Loss is not CrossEntropy)
        {
            graph.Node("Identity", "reconstruction", [last]);
            graph.Output("reconstruction", shape.Channels, shape.Height, shape.Width);
            return;
        }
        graph.Node("Flatten", "logits", [last], OnnxGraph.Attribute.Of("axis", 1L));
        graph.Node("Softmax", "probabilities", ["logits"], OnnxGraph.Attribute.Of("axis", 1L));
        graph.Output("logits", network.Outputs);
        graph.Output("probabilities", network.Outputs);
    }

    internal static OnnxGraph.Attribute[] Attributes(Window window, params OnnxGraph.Attribute[] more) =>
    [
        OnnxGraph.Attribute.Of("kernel_shape", [window.Height, window.Width]),
        OnnxGraph.Attribute.Of("strides", [window.Stride, window.Stride]),
        OnnxGraph.Attribute.Of("dilations", [1, window.Dilation]),
        OnnxGraph.Attribute.Of("pads", [window.Top, window.Left, window.Bottom, window.Right]),
        .. more,
    ];

    private static string Add(OnnxGraph graph, Network network, Node node, string[] values, ReadOnlySpan<float> weights)
    {
        switch (node)
        {
            case InputNode:
                Input(graph, node.Shape);
                return "input";
            case ConvolutionNode n:
                {
                    var inputs = network.Nodes[n.Input].Shape.Channels;
                    var weight = graph.Constant(n.Weight.Name, WeightOrder.OutputsFirst(Of(weights, n.Weight), n.Window, inputs, n.Shape.Channels), n.Shape.Channels, inputs, n.Window.Height, n.Window.Width);
                    return graph.Node("Conv", n.Name, [values[n.Input], weight, Bias(graph, n.Bias, weights)], Attributes(n.Window));
                }
            case TransposedConvolutionNode n:
                {
                    var inputs = network.Nodes[n.Input].Shape.Channels;
                    var weight = graph.Constant(n.Weight.Name, WeightOrder.InputsFirst(Of(weights, n.Weight), n.Window, inputs, n.Shape.Channels), inputs, n.Shape.Channels, n.Window.Height, n.Window.Width);
                    return graph.Node("ConvTranspose", n.Name, [values[n.Input], weight, Bias(graph, n.Bias, weights)], Attributes(n.Window, OnnxGraph.Attribute.Of("output_padding", [n.Extra, n.Extra])));
                }
            case DepthwiseNode n:
                {
                    var weight = graph.Constant(n.Weight.Name, WeightOrder.OutputsFirst(Of(weights, n.Weight), n.Window, 1, n.Shape.Channels), n.Shape.Channels, 1, n.Window.Height, n.Window.Width);
                    return graph.Node("Conv", n.Name, [values[n.Input], weight, Bias(graph, n.Bias, weights)], Attributes(n.Window, OnnxGraph.Attribute.Of("group", (long)n.Shape.Channels)));
                }
            case MaxPoolNode n:
                return graph.Node("MaxPool", n.Name, [values[n.Input]], OnnxGraph.Attribute.Of("kernel_shape", [2, 2]), OnnxGraph.Attribute.Of("strides", [2, 2]));
            case GlobalAverageNode n:
                return graph.Node("GlobalAveragePool", n.Name, [values[n.Input]]);
            case AddNode n:
                return graph.Node("Add", n.Name, [values[n.First], values[n.Second]]);
            default:
                throw new NotSupportedException($"{node.Name}: {node.GetType().Name} cannot be exported");
        }
    }

    private static string Bias(OnnxGraph graph, ParameterTensor bias, ReadOnlySpan<float> weights) => graph.Constant(bias.Name, Of(weights, bias), bias.Length);

    private static ReadOnlySpan<float> Of(ReadOnlySpan<float> weights, ParameterTensor tensor) => weights.Slice(tensor.Offset, tensor.Length);
}
