using System.Runtime.InteropServices;
using CitySafeSense.Numerics;

namespace CitySafeSense.Learning;

/// <summary>
/// A convolution through a window of one pixel: a product of its weights with a row of pixels. Before a pool, its gradient is
/// two rows high and goes through two rows at a time.
/// </summary>
internal sealed class LanePointwise(Kernels kernels, ConvolutionNode node, LaneOperation input, LaneImage value, LaneImage gradient)
    : LaneOperation(kernels, node.Activation, input, value, gradient)
{
    private const int Lanes = LaneImage.Lanes;
    private static readonly int[] once = [0];
    private readonly LaneWeights own = new(kernels, node, value.Width);
    private readonly float[] zero = new float[value.Width];
    private readonly int inputs = input.Value.Shape.Channels, outputs = node.Shape.Channels;
    private readonly int[] rowsOfInput = [.. Enumerable.Range(0, node.Shape.Height).Select(y => input.Value.At(y, 0))];
    private readonly int[] rowsOfGradient = [.. Enumerable.Range(0, gradient.Rows).Select(y => gradient.At(y, 0))];

    public override void Prepare(ReadOnlySpan<float> weights) => own.Prepare(weights);

    public override void Finish(Span<float> weightGradient) => own.Finish(weightGradient);

    public override void Forward(ReadOnlySpan<float> weights)
    {
        var product = new Product
        {
            Left = ref MemoryMarshal.GetReference(weights[node.Weight.Offset..]),
            LeftAt = once,
            RightAt = once,
            LeftRow = 1,
            LeftStep = outputs,
            RightStep = Input.Value.Plane,
            TargetRow = Value.Plane,
            StartRow = own.RowLength,
            Start = ref own.Bias,
            Terms = inputs,
            Rows = outputs,
            Columns = Value.Width,
        };
        for (var y = 0; y < Value.Shape.Height; y++)
        {
            product.Right = ref Input.Value[Input.Value.At(y, 0)];
            product.Target = ref Value[Value.At(y, 0)];
            Kernels.Multiply(product);
            Made(y, 1);
        }
    }

    public override void Backward(ReadOnlySpan<float> weights)
    {
        for (var y = 0; y < Value.Shape.Height; y += Gradient.Rows)
        {
            Ask(y, Gradient.Rows);
            own.AddBias(Gradient, 0, Gradient.Rows);
            Correlate(y);
            if (GoesBack) Return(weights, y);
        }
    }

    /// <summary>The gradient of the input, from row y on.</summary>
    private void Return(ReadOnlySpan<float> weights, int y)
    {
        var product = new Product
        {
            Left = ref MemoryMarshal.GetReference(weights[node.Weight.Offset..]),
            LeftAt = once,
            RightAt = once,
            LeftRow = outputs,
            LeftStep = 1,
            RightStep = Gradient.Plane,
            TargetRow = Input.Gradient.Plane,
            Start = ref zero[0],
            Terms = outputs,
            Rows = inputs,
            Columns = Value.Width,
        };
        for (var row = 0; row < Gradient.Rows; row++)
        {
            product.Right = ref Gradient[Gradient.At(row, 0)];
            product.Target = ref Input.Gradient[Input.Gradient.At(y + row, 0)];
            Kernels.Multiply(product);
        }
    }

    /// <summary>gradient [inputs, outputs, lanes] += input times gradient, over the pixels from row y on; the outputs of one input are rows of one product.</summary>
    private void Correlate(int y)
    {
        var product = new Product
        {
            Left = ref Gradient[0],
            LeftAt = rowsOfGradient,
            RightAt = rowsOfInput.AsSpan(y, rowsOfGradient.Length),
            LeftRow = Gradient.Plane,
            LeftStep = Lanes,
            RightStep = Lanes,
            TargetRow = Lanes,
            StartRow = Lanes,
            Terms = Value.Shape.Width,
            Rows = outputs,
            Columns = Lanes,
        };
        for (var c = 0; c < inputs; c++)
        {
            product.Right = ref Input.Value[c * Input.Value.Plane];
            product.Target = ref own.Gradient[c * outputs * Lanes];
            product.Start = ref product.Target;
            Kernels.MultiplyColumns(product);
        }
    }
}
