using System.Runtime.InteropServices;

namespace CitySafeSense.Learning;

/// <summary>
/// A graph in the exchange format ONNX, written node by node. Field numbers are those of onnx.proto (ONNX 1.12, IR version 8,
/// operator set 17); only what exporters here need is in it.
/// </summary>
internal sealed class OnnxGraph(string name)
{
    private const int IrVersion = 8, OperatorSet = 17;
    private readonly ProtobufWriter graph = new ProtobufWriter().Text(2, name);
    private readonly HashSet<string> names = [];

    /// <summary>onnx.TensorProto.DataType.</summary>
    public enum ElementType
    {
        Single = 1,
        Byte = 2,
        SByte = 3,
        Int32 = 6,
        Int64 = 7,
    }

    /// <summary>An attribute of a node: integers or one integer.</summary>
    public readonly record struct Attribute(string Name, long[]? Integers, long Integer)
    {
        public static Attribute Of(string name, params long[] values) => new(name, values, 0);

        public static Attribute Of(string name, long value) => new(name, null, value);
    }

    public string Node(string operation, string output, IEnumerable<string> inputs, params Attribute[] attributes)
    {
        var node = new ProtobufWriter();
        foreach (var input in inputs) node.Text(1, input);
        node.Text(2, output).Text(3, output).Text(4, operation);
        foreach (var attribute in attributes) node.Message(5, Written(attribute));
        graph.Message(1, node);
        return output;
    }

    public string Constant(string name, ReadOnlySpan<float> values, params long[] shape) => Constant(name, ElementType.Single, MemoryMarshal.AsBytes(values), shape);

    public string Constant(string name, ReadOnlySpan<sbyte> values, params long[] shape) => Constant(name, ElementType.SByte, MemoryMarshal.AsBytes(values), shape);

    public string Constant(string name, ReadOnlySpan<byte> values, params long[] shape) => Constant(name, ElementType.Byte, values, shape);

    public string Constant(string name, ReadOnlySpan<int> values, params long[] shape) => Constant(name, ElementType.Int32, MemoryMarshal.AsBytes(values), shape);

    /// <param name="shape">After the batch, which may be of any size.</param>
    public void Input(string name, params long[] shape) => graph.Message(11, Value(name, shape));

    public void Output(string name, params long[] shape) => graph.Message(12, Value(name, shape));

    /// <summary>The whole file.</summary>
    public byte[] ToModel(string description, IEnumerable<KeyValuePair<string, string>> metadata)
    {
        var model = new ProtobufWriter().Integer(1, IrVersion).Text(2, "CitySafeSense").Text(6, description).Message(7, graph)
            .Message(8, new ProtobufWriter().Text(1, "").Integer(2, OperatorSet));
        foreach (var (key, value) in metadata) model.Message(14, new ProtobufWriter().Text(1, key).Text(2, value));
        return model.Written.ToArray();
    }

    /// <summary>Raw data is little-endian, as the machines are that this runs on.</summary>
    private string Constant(string name, ElementType type, ReadOnlySpan<byte> values, long[] shape)
    {
        if (!names.Add(name)) throw new InvalidOperationException($"there are two constants \"{name}\"");
        graph.Message(5, new ProtobufWriter().Integers(1, shape).Integer(2, (long)type).Text(8, name).Bytes(9, values));
        return name;
    }

    private static ProtobufWriter Value(string name, long[] shape)
    {
        var dimensions = new ProtobufWriter().Message(1, new ProtobufWriter().Text(2, "batch"));
        foreach (var n in shape) dimensions.Message(1, new ProtobufWriter().Integer(1, n));
        var tensor = new ProtobufWriter().Integer(1, (long)ElementType.Single).Message(2, dimensions);
        return new ProtobufWriter().Text(1, name).Message(2, new ProtobufWriter().Message(1, tensor));
    }

    private static ProtobufWriter Written(Attribute attribute)
    {
        var written = new ProtobufWriter().Text(1, attribute.Name);
        return attribute.Integers is { } many ? written.Integers(8, many).Integer(20, 7) : written.Integer(3, attribute.Integer).Integer(20, 2);
    }
}
