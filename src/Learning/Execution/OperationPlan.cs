using CitySafeSense.Numerics;

namespace CitySafeSense.Learning;

/// <summary>Gives every layer of a network its memory and its neighbours.</summary>
internal static class OperationPlan
{
    /// <summary>Everything that a layer makes stays until the way back, each with a gradient beside it.</summary>
    public static Operation[] ForTraining(Network network, Kernels kernels)
    {
        var borders = BordersOf(network);
        var gradients = new Image[borders.Length];
        for (var i = borders.Length - 1; i > 0; i--)
        {
            var sum = SumThatAloneTakes(network, i);
            if (sum > 0) borders[i] = gradients[sum].Border;
            else foreach (var part in PartsOf(network, i)) borders[i] = borders[i].Or(borders[part]);
            gradients[i] = sum > 0 ? gradients[sum] : Image(network, i, borders[i]);
        }
        return Build(network, kernels, i => Image(network, i, borders[i]), i => gradients[i], goesBack: true);
    }

    /// <summary>An image is used again once nobody needs what was in it.</summary>
    public static Operation[] ForInference(Network network, Kernels kernels)
    {
        var nodes = network.Nodes;
        var borders = BordersOf(network);
        // Layers of one shape have one border, so that any of them fits where another was.
        foreach (var alike in Enumerable.Range(1, nodes.Count - 1).GroupBy(i => nodes[i].Shape))
        {
            var border = alike.Aggregate(default(Border), (all, i) => all.Or(borders[i]));
            foreach (var i in alike) borders[i] = border;
        }
        var images = new Image[nodes.Count];
        var free = new List<Image>();
        for (var i = 0; i < images.Length; i++)
        {
            // What was last needed by the layer before may be overwritten by this one.
            for (var j = 1; j < i; j++)
                if (LastUse(nodes, j) == i - 1) free.Add(images[j]);
            var fitting = i == 0 ? null : free.LastOrDefault(image => image.Shape == nodes[i].Shape);
            if (fitting is not null) free.Remove(fitting);
            images[i] = fitting ?? Image(network, i, borders[i]);
        }
        return Build(network, kernels, i => images[i], i => images[i], goesBack: false);
    }

    /// <summary>The sum that is all that is made of a layer, or 0: its gradient is the layer's too, and one image serves both.</summary>
    private static int SumThatAloneTakes(Network network, int node)
    {
        int[] users = [.. Enumerable.Range(0, network.Nodes.Count).Where(i => network.Nodes[i].Inputs.Contains(node))];
        return users is [var sum] && network.Nodes[sum] is AddNode { } add && add.First != add.Second && network.Nodes[node].Activation == Activation.None ? sum : 0;
    }

    /// <summary>All whose gradient is that of a sum, and theirs.</summary>
    private static IEnumerable<int> PartsOf(Network network, int sum) => network.Nodes[sum] is not AddNode ? []
        : network.Nodes[sum].Inputs.Where(i => i > 0 && SumThatAloneTakes(network, i) == sum).SelectMany(i => PartsOf(network, i).Prepend(i));

    private static int LastUse(IReadOnlyList<Node> nodes, int node)
    {
        var last = node;
        for (var i = node + 1; i < nodes.Count; i++)
            if (nodes[i].Inputs.Contains(node)) last = i;
        return last;
    }

    private static Operation[] Build(Network network, Kernels kernels, Func<int, Image> values, Func<int, Image> gradients, bool goesBack)
    {
        var operations = new Operation[network.Nodes.Count];
        var scratch = new TileScratch();
        for (var i = 0; i < operations.Length; i++)
        {
            var node = network.Nodes[i];
            var value = values(i);
            var gradient = node is InputNode ? value : gradients(i);
            operations[i] = node switch
            {
                InputNode => new InputOperation(kernels, value),
                ConvolutionNode n when IsMinimal(network, n) => new MinimalConvolutionOperation(kernels, n, operations[n.Input], value, gradient, goesBack, scratch),
                ConvolutionNode n => new ConvolutionOperation(kernels, n, operations[n.Input], value, gradient, goesBack && n.Input > 0),
                TransposedConvolutionNode n => new TransposedConvolutionOperation(kernels, n, operations[n.Input], value, gradient, goesBack && n.Input > 0),
                DepthwiseNode n => new DepthwiseOperation(kernels, n, operations[n.Input], value, gradient, goesBack && n.Input > 0),
                AddNode n => new AddOperation(kernels, n, operations[n.First], operations[n.Second], value, gradient, n.First > 0, n.Second > 0),
                GlobalAverageNode n => new GlobalAverageOperation(kernels, operations[n.Input], value, gradient, goesBack && n.Input > 0),
                MaxPoolNode n => new MaxPoolOperation(kernels, operations[n.Input], value, gradient, goesBack && n.Input > 0),
                _ => throw new NotSupportedException($"{node.Name}: {node.GetType().Name} cannot be executed"),
            };
        }
        return operations;
    }

    private static bool IsMinimal(Network network, ConvolutionNode node) => MinimalConvolutionOperation.Serves(node, network.Nodes[node.Input].Shape);

    /// <summary>The example is not padded where only convolutions look at it: then taps that follow each other are one sum.</summary>
    private static Image Image(Network network, int node, Border border) =>
        new(network.Nodes[node].Shape, border, isPadded: node > 0 || !network.Nodes.Where(n => n.Inputs.Contains(0)).All(n => n is ConvolutionNode));

    /// <summary>What each layer's image must have around it, for whoever looks at it.</summary>
    private static Border[] BordersOf(Network network)
    {
        var borders = new Border[network.Nodes.Count];
        for (var i = 1; i < borders.Length; i++)
        {
            if (network.Nodes[i] is not WeightedNode n) continue;
            // A transposed convolution makes the big image, the others look at it.
            var (big, small) = n is TransposedConvolutionNode ? (i, n.Input) : (n.Input, i);
            var (bigShape, smallShape) = (network.Nodes[big].Shape, network.Nodes[small].Shape);
            var (bigBorder, smallBorder) = n is ConvolutionNode c && IsMinimal(network, c)
                ? MinimalConvolutionOperation.Borders(n.Window, bigShape, smallShape)
                : TapGeometry.Borders(n.Window, bigShape, smallShape);
            (borders[big], borders[small]) = (borders[big].Or(bigBorder), borders[small].Or(smallBorder));
        }
        return borders;
    }
}
