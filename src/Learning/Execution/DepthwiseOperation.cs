using System.Runtime.InteropServices;
using CitySafeSense.Numerics;

namespace CitySafeSense.Learning;

/// <summary>A convolution of each channel by itself.</summary>
internal sealed class DepthwiseOperation : Operation
{
    private readonly DepthwiseNode node;
    private readonly Operation input;
    private readonly bool goesBack;
    private readonly int[] from, reversed, weightsAt, rowsOfGradient;
    private readonly int[][] rowsOfInput;
    private readonly float[] weight, bias, gradient, biasGradient, zero;

    public DepthwiseOperation(Kernels kernels, DepthwiseNode node, Operation input, Image value, Image valueGradient, bool goesBack)
        : base(kernels, node.Activation, value, valueGradient)
    {
        (this.node, this.input, this.goesBack) = (node, input, goesBack);
        var window = node.Window;
        from = [.. Taps((y, x) => (y - window.Top) * input.Value.Row + (x * window.Dilation - window.Left) * value.Pixel)];
        reversed = [.. Taps((y, x) => (window.Top - y) * value.Row + (window.Left - x * window.Dilation) * value.Pixel)];
        weightsAt = [.. Enumerable.Range(0, window.Taps).Select(tap => tap * value.Pixel)];
        rowsOfInput = [.. Enumerable.Range(0, window.Height).Select(ty => Enumerable.Range(0, node.Shape.Height).Select(y => input.Value.At(y, 0) + from[ty * window.Width]).ToArray())];
        rowsOfGradient = [.. Enumerable.Range(0, node.Shape.Height).Select(y => value.At(y, 0))];
        (weight, gradient) = (new float[window.Taps * value.Pixel], new float[window.Taps * value.Pixel]);
        (bias, biasGradient, zero) = (new float[value.Pixel], new float[value.Pixel], new float[value.Pixel]);

        IEnumerable<int> Taps(Func<int, int, int> offset) => Enumerable.Range(0, window.Taps).Select(t => offset(t / window.Width, t % window.Width));
    }

    public override void Prepare(ReadOnlySpan<float> weights, bool forTraining)
    {
        var channels = node.Shape.Channels;
        for (var tap = 0; tap < node.Window.Taps; tap++) weights.Slice(node.Weight.Offset + tap * channels, channels).CopyTo(weight.AsSpan(tap * Value.Pixel));
        weights.Slice(node.Bias.Offset, channels).CopyTo(bias);
        gradient.AsSpan().Clear();
        biasGradient.AsSpan().Clear();
    }

    public override void Finish(Span<float> weightGradient)
    {
        var channels = node.Shape.Channels;
        for (var tap = 0; tap < node.Window.Taps; tap++) gradient.AsSpan(tap * Value.Pixel, channels).CopyTo(weightGradient[(node.Weight.Offset + tap * channels)..]);
        biasGradient.AsSpan(0, channels).CopyTo(weightGradient[node.Bias.Offset..]);
    }

    protected override void Compute(ReadOnlySpan<float> weights)
    {
        var product = Along(from);
        product.Start = ref bias[0];
        product.Rows = Value.Shape.Width;
        for (var y = 0; y < Value.Shape.Height; y++)
        {
            product.Left = ref input.Value[input.Value.At(y, 0)];
            product.Target = ref Value[Value.At(y, 0)];
            Kernels.MultiplyColumns(product);
        }
    }

    protected override void Differentiate(Span<float> weightGradient)
    {
        for (var y = 0; y < Gradient.Shape.Height; y++) Kernels.AddRows(Gradient.Pixels(y), biasGradient);
        Correlate();
        if (!goesBack) return;
        var product = Along(reversed);
        var isFirst = IsFirst(input);
        product.StartRow = isFirst ? 0 : Value.Pixel;
        product.Rows = input.Value.Shape.Width;
        for (var y = 0; y < input.Value.Shape.Height; y++)
        {
            product.Left = ref Gradient[Gradient.At(y, 0)];
            product.Target = ref input.Gradient[input.Gradient.At(y, 0)];
            product.Start = ref isFirst ? ref zero[0] : ref product.Target;
            Kernels.MultiplyColumns(product);
        }
    }

    /// <summary>gradient [taps, pixel] += input times gradient, over all pixels; the taps of one row are rows of one product.</summary>
    private void Correlate()
    {
        var window = node.Window;
        var product = new Product
        {
            Left = ref input.Value[0],
            Right = ref Gradient[0],
            RightAt = rowsOfGradient,
            LeftRow = window.Dilation * Value.Pixel,
            LeftStep = Value.Pixel,
            RightStep = Value.Pixel,
            TargetRow = Value.Pixel,
            StartRow = Value.Pixel,
            Terms = Value.Shape.Width,
            Rows = window.Width,
            Columns = Value.Pixel,
        };
        for (var ty = 0; ty < window.Height; ty++)
        {
            product.LeftAt = rowsOfInput[ty];
            product.Target = ref gradient[ty * window.Width * Value.Pixel];
            product.Start = ref product.Target;
            Kernels.MultiplyColumns(product);
        }
    }

    private Product Along(ReadOnlySpan<int> taps) => new()
    {
        Right = ref MemoryMarshal.GetArrayDataReference(weight),
        LeftAt = taps,
        RightAt = weightsAt,
        LeftRow = Value.Pixel,
        TargetRow = Value.Pixel,
        Terms = 1,
        Columns = Value.Pixel,
    };
}
