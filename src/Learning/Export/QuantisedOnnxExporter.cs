namespace CitySafeSense.Learning;

/// <summary>
/// A quantised network as an ONNX file in the QDQ form: real operators between pairs of QuantizeLinear and DequantizeLinear,
/// which ONNX Runtime fuses into integer kernels. Inputs and outputs are those of <see cref="OnnxExporter"/>.
/// </summary>
/// <remarks>
/// Weights have seven bits, so that results do not depend on the processor (<see cref="WeightRange.SevenBits"/>, docs/decisions/0032).
/// Signed activations are no way round it: ONNX Runtime makes them unsigned for the same instruction.
/// </remarks>
public static class QuantisedOnnxExporter
{
    /// <exception cref="ArgumentException">The model was quantised with eight-bit weights.</exception>
    public static byte[] Export(QuantisedNetwork model)
    {
        if (model.Range != WeightRange.SevenBits) throw new ArgumentException($"{model.Network.Name}: ONNX takes weights of seven bits, these have eight; quantise with WeightRange.SevenBits");
        var (network, graph) = (model.Network, new OnnxGraph(model.Network.Name + "-int8"));
        var values = new string[model.Layers.Count];
        OnnxExporter.Input(graph, network.Nodes[0].Shape);
        values[0] = Quantised(graph, "input", "input", model.Input);
        for (var i = 1; i < values.Length; i++)
        {
            var layer = model.Layers[i];
            var made = layer switch
            {
                QuantisedConvolution c => Convolution(graph, model, c, values),
                QuantisedMaxPool { Node: MaxPoolNode n } => graph.Node("MaxPool", n.Name, [values[n.Input]], OnnxGraph.Attribute.Of("kernel_shape", [2, 2]), OnnxGraph.Attribute.Of("strides", [2, 2])),
                QuantisedGlobalAverage { Node: GlobalAverageNode n } => graph.Node("GlobalAveragePool", n.Name, [values[n.Input]]),
                QuantisedAdd { Node: AddNode n } => graph.Node("Add", n.Name, [values[n.First], values[n.Second]]),
                _ => throw new NotSupportedException($"{layer.Node.Name}: {layer.GetType().Name} cannot be exported"),
            };
            // A ReLU is not written: the range begins at zero, so rounding into it cuts off what is below.
            values[i] = Quantised(graph, layer.Node.Name + ".value", made, layer.Output);
        }
        OnnxExporter.Finish(graph, network, values[^1]);
        return graph.ToModel($"{network.Name} in eight bits, {network.Layout.Length} parameters", ModelMetadata.Of(network));
    }

    private static string Convolution(OnnxGraph graph, QuantisedNetwork model, QuantisedConvolution layer, string[] values)
    {
        var (name, from) = (layer.Node.Name, layer.Node.Inputs[0]);
        var (inputs, outputs) = (model.Network.Nodes[from].Shape.Channels, layer.Node.Shape.Channels);
        var (window, operation, weights, shape, axis, attributes) = layer.Node switch
        {
            ConvolutionNode n => (n.Window, "Conv", TapsLast(layer.Weights, n.Window.Taps, inputs, outputs, inputsFirst: false), new long[] { outputs, inputs, n.Window.Height, n.Window.Width }, 0L, Array.Empty<OnnxGraph.Attribute>()),
            TransposedConvolutionNode n => (n.Window, "ConvTranspose", TapsLast(layer.Weights, n.Window.Taps, inputs, outputs, inputsFirst: true), new long[] { inputs, outputs, n.Window.Height, n.Window.Width }, 1L, new[] { OnnxGraph.Attribute.Of("output_padding", [n.Extra, n.Extra]) }),
            DepthwiseNode n => (n.Window, "Conv", WeightOrder.OutputsFirst<sbyte>(layer.Weights, n.Window, 1, outputs), new long[] { outputs, 1, n.Window.Height, n.Window.Width }, 0L, new[] { OnnxGraph.Attribute.Of("group", (long)outputs) }),
            _ => throw new NotSupportedException($"{name} cannot be exported"),
        };
        var input = model.Layers[from].Output;
        var weight = graph.Node("DequantizeLinear", name + ".weight", [
            graph.Constant(name + ".weight_quantised", weights, shape),
            graph.Constant(name + ".weight_scale", layer.WeightScales, outputs),
            graph.Constant(name + ".weight_zero", new sbyte[outputs], outputs)], OnnxGraph.Attribute.Of("axis", axis));
        float[] biasScale = [.. layer.WeightScales.Select(s => s * input.Scale)];
        var bias = graph.Node("DequantizeLinear", name + ".bias", [
            graph.Constant(name + ".bias_quantised", layer.Bias, outputs),
            graph.Constant(name + ".bias_scale", biasScale, outputs)], OnnxGraph.Attribute.Of("axis", 0L));
        var made = graph.Node(operation, name, [values[from], weight, bias], OnnxExporter.Attributes(window, attributes));
        return layer.Table is null ? made : graph.Node("Sigmoid", name + ".sigmoid", [Quantised(graph, name + ".before", made, layer.BeforeTable)]);
    }

    private static string Quantised(OnnxGraph graph, string name, string value, AffineQuantisation units)
    {
        var scale = graph.Constant(name + "_scale", new[] { units.Scale });
        // Unsigned, which is the same numbers moved by 128: the form for which ONNX Runtime has its fastest kernels.
        var zero = graph.Constant(name + "_zero", new[] { (byte)(units.ZeroPoint + 128) });
        return graph.Node("DequantizeLinear", name + "_real", [graph.Node("QuantizeLinear", name + "_quantised", [value, scale, zero]), scale, zero]);
    }

    /// <summary>[outputs, taps, inputs] as [outputs, inputs, taps] or [inputs, outputs, taps].</summary>
    private static sbyte[] TapsLast(sbyte[] weights, int taps, int inputs, int outputs, bool inputsFirst)
    {
        var ordered = new sbyte[weights.Length];
        for (var o = 0; o < outputs; o++)
            for (var tap = 0; tap < taps; tap++)
                for (var i = 0; i < inputs; i++)
                    ordered[(inputsFirst ? i * outputs + o : o * inputs + i) * taps + tap] = weights[(o * taps + tap) * inputs + i];
        return ordered;
    }
}
