namespace CitySafeSense.Learning;

/// <summary>Puts a network together, layer by layer; a layer is known by its number.</summary>
public sealed class NetworkBuilder
{
    /// <summary>What exported files call their outputs.</summary>
    private static readonly string[] reserved = ["logits", "probabilities", "reconstruction"];
    private readonly List<Node> nodes;
    private readonly ParameterLayout.Builder layout = new();

    public NetworkBuilder(Shape input)
    {
        Require("input", input);
        nodes = [new InputNode(input)];
    }

    /// <summary>The example.</summary>
    public int Input => 0;

    public int Convolution(string name, int input, int outputs, Window window, Activation activation)
    {
        window.Validate(name);
        var shape = window.Convolve(nodes[input].Shape, outputs);
        Require(name, shape);
        return Add(new ConvolutionNode(name, shape, input, window, Weight(name, window, nodes[input].Shape.Channels, outputs), Bias(name, outputs), activation));
    }

    public int TransposedConvolution(string name, int input, int outputs, Window window, int extra, Activation activation)
    {
        window.Validate(name);
        if (extra < 0 || extra >= window.Stride) throw new ArgumentException($"{name}: 0 to {window.Stride - 1} extra rows can be at the end, not {extra}");
        var shape = window.Expand(nodes[input].Shape, outputs, extra);
        Require(name, shape);
        return Add(new TransposedConvolutionNode(name, shape, input, window, extra, Weight(name, window, nodes[input].Shape.Channels, outputs), Bias(name, outputs), activation));
    }

    public int Depthwise(string name, int input, Window window, Activation activation)
    {
        window.Validate(name);
        if (window.Stride != 1) throw new ArgumentException($"{name}: a depthwise convolution has stride 1");
        var channels = nodes[input].Shape.Channels;
        var shape = window.Convolve(nodes[input].Shape, channels);
        Require(name, shape);
        return Add(new DepthwiseNode(name, shape, input, window, layout.Add(name + ".weight", 2, window.Height, window.Width, channels), Bias(name, channels), activation));
    }

    /// <summary>Every output from every input of a vector.</summary>
    public int Dense(string name, int input, int outputs, Activation activation)
    {
        if (nodes[input].Shape is not { Height: 1, Width: 1 }) throw new ArgumentException($"{name}: a dense layer takes a vector, not {nodes[input].Shape}");
        Require(name, new Shape(outputs, 1, 1));
        var weight = layout.Add(name + ".weight", 1, nodes[input].Shape.Channels, outputs);
        return Add(new ConvolutionNode(name, new Shape(outputs, 1, 1), input, Window.Point, weight, Bias(name, outputs), activation));
    }

    public int MaxPool(string name, int input)
    {
        var (channels, height, width) = nodes[input].Shape;
        if (height % 2 != 0 || width % 2 != 0) throw new ArgumentException($"{name}: {nodes[input].Shape} cannot be halved");
        return Add(new MaxPoolNode(name, new Shape(channels, height / 2, width / 2), input));
    }

    public int GlobalAverage(string name, int input) => Add(new GlobalAverageNode(name, new Shape(nodes[input].Shape.Channels, 1, 1), input));

    public int Sum(string name, int first, int second, Activation activation)
    {
        if (nodes[first].Shape != nodes[second].Shape) throw new ArgumentException($"{name}: {nodes[first].Shape} and {nodes[second].Shape} cannot be added");
        return Add(new AddNode(name, nodes[first].Shape, first, second, activation));
    }

    /// <summary>The last layer is the output.</summary>
    public Network Build(string name, Loss loss, Initialisation initialisation) => new(name, nodes, layout.Build(), loss, initialisation);

    public Shape ShapeOf(int node) => nodes[node].Shape;

    private ParameterTensor Weight(string name, Window window, int inputs, int outputs) => layout.Add(name + ".weight", 3, window.Height, window.Width, inputs, outputs);

    private ParameterTensor Bias(string name, int outputs) => layout.Add(name + ".bias", 0, outputs);

    private int Add(Node node)
    {
        if (nodes.Any(n => n.Name == node.Name) || reserved.Contains(node.Name)) throw new ArgumentException($"a layer cannot be called \"{node.Name}\": there is one already, or the name is that of an output");
        nodes.Add(node);
        return nodes.Count - 1;
    }

    private static void Require(string name, Shape shape)
    {
        if (shape.Channels < 1 || shape.Height < 1 || shape.Width < 1) throw new ArgumentException($"{name}: {shape} is nothing");
        if (!((double)shape.Channels * shape.Height * shape.Width <= ParameterLayout.ParametersMax)) throw new ArgumentException($"{name}: {shape} values are too many; a layer has at most {ParameterLayout.ParametersMax}");
    }
}

/// <summary>The standard deviation of a layer's fresh weights, from its name and the number of values each output is a sum of. Biases are zero.</summary>
public delegate double Initialisation(string layer, int fanIn);
