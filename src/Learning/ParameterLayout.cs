namespace CitySafeSense.Learning;

/// <summary>One tensor within a flat vector of parameters.</summary>
/// <param name="Shape">As the layer uses it, such as [outputs, inputs, kernel].</param>
/// <param name="ChannelAxis">The axis of <paramref name="Shape"/> that counts output channels; a channel-wise rule has one coefficient for each of its entries.</param>
public sealed record ParameterTensor(string Name, IReadOnlyList<int> Shape, int ChannelAxis, int Offset)
{
    public int Length { get; } = Shape.Aggregate(1, (product, n) => checked(product * n));
    public int Channels => Shape[ChannelAxis];

    /// <summary>The output channel that element <paramref name="index"/> of this tensor belongs to.</summary>
    public int ChannelOf(int index)
    {
        var inner = 1;
        for (var axis = ChannelAxis + 1; axis < Shape.Count; axis++) inner *= Shape[axis];
        return index / inner % Channels;
    }
}

/// <summary>Which tensors lie where in a flat vector, in order. Aggregation, blending and clipping need nothing else of a model.</summary>
public sealed class ParameterLayout
{
    /// <summary>Of one model: 256 MB of weights, a thousand times more than models here have.</summary>
    public const int ParametersMax = 1 << 26;

    private ParameterLayout(IReadOnlyList<ParameterTensor> tensors)
    {
        Tensors = tensors;
        Length = tensors.Count == 0 ? 0 : tensors[^1].Offset + tensors[^1].Length;
    }

    public IReadOnlyList<ParameterTensor> Tensors { get; }

    /// <summary>Parameters in all.</summary>
    public int Length { get; }

    public ParameterTensor this[string name] =>
        Tensors.FirstOrDefault(t => t.Name == name) ?? throw new KeyNotFoundException($"no tensor \"{name}\" (there are {string.Join(", ", Tensors.Select(t => t.Name))})");

    /// <summary>Where the last <paramref name="tensors"/> tensors begin; 0 tensors means all of them, as in FedALA's code.</summary>
    public int OffsetOfTop(int tensors)
    {
        if (tensors < 0 || tensors > Tensors.Count)
            throw new ArgumentOutOfRangeException(nameof(tensors), tensors, $"0 (all) to {Tensors.Count} tensors can be on top");
        return tensors == 0 ? 0 : Tensors[^tensors].Offset;
    }

    /// <summary>Lays tensors one after another.</summary>
    public sealed class Builder
    {
        private readonly List<ParameterTensor> tensors = [];
        private int offset;

        public ParameterTensor Add(string name, int channelAxis, params int[] shape)
        {
            var length = shape.Aggregate(1.0, (product, n) => product * n);
            if (!(offset + length <= ParametersMax)) throw new ArgumentException($"{name}: {string.Join(" x ", shape)} parameters are too many; a model has at most {ParametersMax}");
            if (tensors.Any(t => t.Name == name)) throw new ArgumentException($"there are two layers of which \"{name}\" would be a parameter: give them different names");
            var tensor = new ParameterTensor(name, shape, channelAxis, offset);
            tensors.Add(tensor);
            offset += tensor.Length;
            return tensor;
        }

        public ParameterLayout Build() => new(tensors);
    }
}
