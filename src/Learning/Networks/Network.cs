using System.Security.Cryptography;
using System.Text;
using CitySafeSense.Numerics;

namespace CitySafeSense.Learning;

/// <summary>
/// A model as a list of layers, from which everything is made: training and inference here, exchange formats and C elsewhere.
/// It holds no weights.
/// </summary>
public sealed class Network : IModel
{
    private readonly Initialisation initialisation;

    internal Network(string name, IReadOnlyList<Node> nodes, ParameterLayout layout, Loss loss, Initialisation initialisation)
    {
        (Name, Nodes, Layout, Loss, this.initialisation) = (name, nodes, layout, loss, initialisation);
        loss.Check(this);
    }

    public string Name { get; }

    /// <summary>In an order in which each comes after what it needs; the first is the input, the last the output.</summary>
    public IReadOnlyList<Node> Nodes { get; }

    public ParameterLayout Layout { get; }
    public Loss Loss { get; }
    public int InputLength => Nodes[0].Shape.Length;
    public int Outputs => Nodes[^1].Shape.Length;

    public long ForwardOperations => Nodes.Sum(OperationsOf);

    /// <summary>Eight hexadecimal digits that tell networks apart whose layers differ in anything.</summary>
    public string Fingerprint => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', Nodes.Select(n => $"{n.GetType().Name} {n.Name} {n.Shape} {string.Join(' ', n.Inputs)} {n.Activation} {(n as WeightedNode)?.Window}"))))[..4]);

    /// <summary>Floating-point operations of one layer; a fused multiply-add counts two, what is not one counts nothing.</summary>
    public long OperationsOf(Node node)
    {
        if (node is not WeightedNode weighted) return 0;
        // A transposed convolution uses its weights once for each pixel it reads, the others once for each they make.
        var pixels = node is TransposedConvolutionNode ? Nodes[weighted.Input].Shape : node.Shape;
        return 2L * pixels.Height * pixels.Width * weighted.Weight.Length;
    }

    public float[] Initialise(ulong seed)
    {
        var rng = Rng.For(seed, Name);
        var weights = new float[Layout.Length];
        foreach (var node in Nodes.OfType<WeightedNode>())
        {
            var fanIn = node switch
            {
                DepthwiseNode => node.Window.Taps,
                TransposedConvolutionNode => Math.Max(1, node.Window.Taps / (node.Window.Stride * node.Window.Stride)) * Nodes[node.Input].Shape.Channels,
                _ => node.Window.Taps * Nodes[node.Input].Shape.Channels,
            };
            var deviation = initialisation(node.Name, fanIn);
            for (var i = 0; i < node.Weight.Length; i++) weights[node.Weight.Offset + i] = (float)rng.Gaussian(0, deviation);
        }
        return weights;
    }

    public ModelWorkspace CreateWorkspace() => CreateWorkspace(Kernels.Chosen);

    /// <summary>A workspace that uses registers of a given width; the bits are the same for all.</summary>
    public ModelWorkspace CreateWorkspace(Kernels kernels) => new NetworkWorkspace(this, kernels);

    public void Infer(ReadOnlySpan<float> weights, ReadOnlySpan<float> input, ModelWorkspace workspace, Span<float> output)
    {
        if (input.Length != InputLength || output.Length != Outputs || weights.Length != Layout.Length)
            throw new ArgumentException($"{Name} makes {Outputs} outputs of {InputLength} inputs with {Layout.Length} parameters, not {output.Length} of {input.Length} with {weights.Length}");
        Mine(workspace).Infer(weights, input, output);
    }

    public void Infer(ReadOnlySpan<float> weights, Examples examples, ModelWorkspace workspace, RowOutput each)
    {
        if (examples.InputLength != InputLength || weights.Length != Layout.Length)
            throw new ArgumentException($"{Name} takes {InputLength} inputs with {Layout.Length} parameters, not {examples.InputLength} with {weights.Length}");
        Mine(workspace).Infer(weights, examples, each);
    }

    public double LossAndGradient(ReadOnlySpan<float> weights, Examples examples, ReadOnlySpan<int> rows, ModelWorkspace workspace, Span<float> gradient)
    {
        BatchGuard.Check(this, weights, examples, rows, gradient);
        return Mine(workspace).LossAndGradient(weights, examples, rows, gradient);
    }

    private NetworkWorkspace Mine(ModelWorkspace workspace) => workspace is NetworkWorkspace mine && ReferenceEquals(mine.Network, this) ? mine
        : throw new ArgumentException($"the workspace is of another model than this {Name}");

    public double LossOf(ReadOnlySpan<float> output, Examples examples, int row) => Loss.Of(output, examples, row);
}
