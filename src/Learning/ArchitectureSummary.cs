using System.Globalization;
using System.Text;

namespace CitySafeSense.Learning;

/// <summary>One line of a summary.</summary>
public sealed record ArchitectureLayer(string Name, string Kind, Shape Shape, int Parameters, long Operations);

/// <summary>What a network is made of, for people and for files.</summary>
public sealed record ArchitectureSummary(string Model, IReadOnlyList<ArchitectureLayer> Layers)
{
    public int Parameters => Layers.Sum(l => l.Parameters);

    /// <summary>Floating-point operations of one forward pass.</summary>
    public long Operations => Layers.Sum(l => l.Operations);

    public static ArchitectureSummary Of(Network network) => new(network.Name, [.. network.Nodes.Select(node => new ArchitectureLayer(
        node.Name,
        node.GetType().Name.Replace("Node", "", StringComparison.Ordinal) + (node.Activation == Activation.None ? "" : $", {node.Activation}"),
        node.Shape,
        node is WeightedNode weighted ? weighted.Weight.Length + weighted.Bias.Length : 0,
        network.OperationsOf(node)))]);

    public override string ToString()
    {
        var text = new StringBuilder();
        var culture = CultureInfo.InvariantCulture;
        text.Append(culture, $"{Model}: {Parameters} parameters, {Operations} operations for one input\n\n");
        text.Append(culture, $"{"layer",-24} {"kind",-30} {"output",-16} {"parameters",10} {"operations",12}\n");
        foreach (var layer in Layers) text.Append(culture, $"{layer.Name,-24} {layer.Kind,-30} {layer.Shape,-16} {layer.Parameters,10} {layer.Operations,12}\n");
        return text.ToString();
    }
}
