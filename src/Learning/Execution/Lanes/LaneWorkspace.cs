using CitySafeSense.Numerics;

namespace CitySafeSense.Learning;

/// <summary>
/// Trains autoencoders of few channels on sixteen examples at once. With three or eight channels a pixel does not fill a vector;
/// sixteen examples do.
/// </summary>
internal sealed class LaneWorkspace
{
    private const int ChannelsMax = 8;
    private readonly LaneOperation[] operations;
    private readonly LaneReconstruction loss;

    public LaneWorkspace(Network network, Kernels kernels)
    {
        operations = new LaneOperation[network.Nodes.Count];
        for (var i = 0; i < operations.Length; i++)
        {
            var (node, before) = (network.Nodes[i], i == 0 ? null : operations[i - 1]);
            // Whoever looks through a window needs zeros around the image, and its way back around its own gradient.
            var border = (i + 1 < operations.Length ? BorderOf(network.Nodes[i + 1]) : default).Or(BorderOf(node));
            // A gradient that is made when it is asked for needs room for two rows, unless a window looks at more.
            var isAsked = i + 1 == operations.Length ? node is not DepthwiseNode && node.Shape.Height % 2 == 0 : network.Nodes[i + 1] is MaxPoolNode;
            LaneImage value = new(node.Shape, border), gradient = i == 0 ? value : new(node.Shape, border, isAsked ? 2 : null);
            operations[i] = node switch
            {
                InputNode => new LaneInput(kernels, value),
                DepthwiseNode n => new LaneDepthwise(kernels, n, before!, value, gradient),
                ConvolutionNode n => new LanePointwise(kernels, n, before!, value, gradient),
                TransposedConvolutionNode n => new LaneDoubling(kernels, n, before!, value, gradient),
                MaxPoolNode => new LaneMaxPool(kernels, before!, value, gradient),
                _ => throw new NotSupportedException($"{node.Name} is not executed in lanes"),
            };
        }
        var last = operations[^1];
        last.Loss = loss = new LaneReconstruction(kernels, operations[0].Value, last.Value, last.Gradient);
    }

    /// <summary>Whether every layer is one of those above, after each other, and too narrow for pixels to fill vectors.</summary>
    public static bool Serves(Network network) => network.Loss is ReconstructionError && network.Nodes.Select((node, i) => node.Shape.Channels <= ChannelsMax && node switch
    {
        InputNode => true,
        DepthwiseNode n => n.Input == i - 1 && n.Window.Stride == 1 && n.Shape == network.Nodes[n.Input].Shape,
        ConvolutionNode n => n.Input == i - 1 && n.Window == Window.Point,
        TransposedConvolutionNode n => n.Input == i - 1 && n.Window == Window.Square(2, 2, 0) && n.Extra == 0,
        MaxPoolNode n => n.Input == i - 1 && network.Nodes[n.Input] is ConvolutionNode { Shape: { Height: var h, Width: var w } } && h % 2 == 0 && w % 2 == 0,
        _ => false,
    }).All(served => served);

    public void Prepare(ReadOnlySpan<float> weights)
    {
        foreach (var operation in operations) operation.Prepare(weights);
    }

    /// <summary>The sum of sixteen losses, each times its share, and their gradients beside those of others.</summary>
    /// <param name="share">Of each in the mean.</param>
    public double LossAndGradient(ReadOnlySpan<float> weights, Examples examples, ReadOnlySpan<int> rows, float share)
    {
        operations[0].Value.Load(examples, rows);
        for (var i = 1; i < operations.Length; i++) operations[i].Forward(weights);
        loss.Begin(share);
        for (var i = operations.Length - 1; i > 0; i--) operations[i].Backward(weights);
        return loss.End();
    }

    public void Finish(Span<float> gradient)
    {
        foreach (var operation in operations) operation.Finish(gradient);
    }

    private static Border BorderOf(Node node) => node is DepthwiseNode { Window: var w }
        ? new Border(Math.Max(w.Top, w.Bottom), Math.Max(w.Left, w.Right), Math.Max(w.Top, w.Bottom), Math.Max(w.Left, w.Right))
        : default;
}
