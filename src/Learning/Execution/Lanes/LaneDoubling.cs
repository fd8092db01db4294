using System.Runtime.CompilerServices;
using CitySafeSense.Numerics;

namespace CitySafeSense.Learning;

/// <summary>A transposed convolution of 2 x 2 taps and stride 2: every pixel becomes four, each by weights of its own.</summary>
internal sealed class LaneDoubling(Kernels kernels, TransposedConvolutionNode node, LaneOperation input, LaneImage value, LaneImage gradient)
    : LaneOperation(kernels, node.Activation, input, value, gradient)
{
    private const int Taps = 4, Lanes = LaneImage.Lanes;
    private static readonly int[] once = [0];
    private readonly int[] order = ByInput(node, input.Value.Shape.Channels);
    private readonly LaneWeights own = new(kernels, node, LaneImage.Lanes, order: ByInput(node, input.Value.Shape.Channels));
    private readonly int inputs = input.Value.Shape.Channels, outputs = node.Shape.Channels, width = input.Value.Width, height = input.Value.Shape.Height;
    private readonly float[] zero = new float[input.Value.Width];

    /// <summary>What a row of the input makes of outputs, or their gradient, by tap: [taps, outputs, row].</summary>
    private readonly AlignedFloats byTap = new(Taps * node.Shape.Channels * input.Value.Width);

    /// <summary>Weights as rows of one product: [inputs, taps, outputs]; and the bias of each, [taps, outputs, row].</summary>
    private readonly float[] byInput = new float[node.Weight.Length], bias = new float[Taps * node.Shape.Channels * input.Value.Width];

    private int Parts => Taps * outputs;

    public override void Prepare(ReadOnlySpan<float> weights)
    {
        own.Prepare(weights);
        for (var i = 0; i < byInput.Length; i++) byInput[i] = weights[node.Weight.Offset + order[i]];
        for (var part = 0; part < Parts; part++) bias.AsSpan(part * width, width).Fill(weights[node.Bias.Offset + part % outputs]);
    }

    public override void Finish(Span<float> weightGradient) => own.Finish(weightGradient);

    public override void Forward(ReadOnlySpan<float> weights)
    {
        var product = new Product
        {
            Left = ref byInput[0],
            LeftAt = once,
            RightAt = once,
            LeftRow = 1,
            LeftStep = Parts,
            RightStep = Input.Value.Plane,
            TargetRow = width,
            StartRow = width,
            Start = ref bias[0],
            Terms = inputs,
            Rows = Parts,
            Columns = width,
        };
        for (var y = 0; y < height; y++)
        {
            product.Right = ref Input.Value[Input.Value.At(y, 0)];
            product.Target = ref byTap[0];
            Kernels.Multiply(product);
            for (var part = 0; part < Parts; part++)
            {
                ref var small = ref byTap[part * width];
                ref var big = ref Value[Painted(Value, y, part)];
                for (nint x = 0; x < width; x += Lanes) LaneImage.Copy(ref Unsafe.Add(ref small, x), ref Unsafe.Add(ref big, 2 * x));
            }
            Made(2 * y, 2);
        }
    }

    /// <remarks>Row by row, so that a row is read from memory once.</remarks>
    public override void Backward(ReadOnlySpan<float> weights)
    {
        var product = new Product
        {
            Left = ref byInput[0],
            LeftAt = once,
            RightAt = once,
            LeftRow = Parts,
            LeftStep = 1,
            RightStep = width,
            TargetRow = Input.Gradient.Plane,
            Start = ref zero[0],
            Terms = Parts,
            Rows = inputs,
            Columns = width,
        };
        for (var y = 0; y < height; y++)
        {
            Ask(2 * y, 2);
            for (var part = 0; part < Parts; part++)
            {
                ref var small = ref byTap[part * width];
                ref var big = ref Gradient[Painted(Gradient, y, part)];
                for (nint x = 0; x < width; x += Lanes) LaneImage.Copy(ref Unsafe.Add(ref big, 2 * x), ref Unsafe.Add(ref small, x));
            }
            own.AddBias(Gradient, 2 * y, 2);
            Correlate(y);
            if (!GoesBack) continue;
            product.Right = ref byTap[0];
            product.Target = ref Input.Gradient[Input.Gradient.At(y, 0)];
            Kernels.Multiply(product);
        }
    }

    /// <summary>gradient [inputs, parts, lanes] += input times gradient, over the pixels of row y; the parts of one input are rows of one product.</summary>
    private void Correlate(int y)
    {
        var product = new Product
        {
            Left = ref byTap[0],
            LeftAt = once,
            RightAt = once,
            LeftRow = width,
            LeftStep = Lanes,
            RightStep = Lanes,
            TargetRow = Lanes,
            StartRow = Lanes,
            Terms = width / Lanes,
            Rows = Parts,
            Columns = Lanes,
        };
        for (var c = 0; c < inputs; c++)
        {
            product.Right = ref Input.Value[Input.Value.At(y, c)];
            product.Target = ref own.Gradient[c * Parts * Lanes];
            product.Start = ref product.Target;
            Kernels.MultiplyColumns(product);
        }
    }

    /// <summary>Of [inputs, taps, outputs] each one's place in [taps, inputs, outputs].</summary>
    private static int[] ByInput(TransposedConvolutionNode node, int inputs)
    {
        var outputs = node.Shape.Channels;
        return [.. from c in Enumerable.Range(0, inputs) from part in Enumerable.Range(0, Taps * outputs) select (part / outputs * inputs + c) * outputs + part % outputs];
    }

    /// <summary>Where the first pixel that part (tap, output) makes of row y is in the big image; the next is two further.</summary>
    private int Painted(LaneImage big, int y, int part)
    {
        var (tap, output) = (part / outputs, part % outputs);
        return big.At(2 * y + tap / 2, output) + tap % 2 * Lanes;
    }
}
