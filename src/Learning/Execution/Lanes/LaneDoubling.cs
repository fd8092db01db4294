using System.Runtime.CompilerServices;
using CitySafeSense.Numerics;

namespace CitySafeSense.Learning;

/// <summary>A transposed convolution of 2 x 2 taps and stride 2: every pixel becomes four, each by weights of its own.</summary>
internal sealed class LaneDoubling(Kernels kernels, TransposedConvolutionNode node, LaneOperation input, LaneImage value, LaneImage gradient)
    : LaneOperation(kernels, node.Activation, input, value, gradient)
{
    private const int Taps = 4, Lanes = LaneImage.Lanes;
    private static readonly int[] once = [0];
    private readonly LaneWeights own = new(kernels, node, LaneImage.Lanes);
    private readonly int inputs = input.Value.Shape.Channels, outputs = node.Shape.Channels, width = input.Value.Width, height = input.Value.Shape.Height;
    private readonly float[] zero = new float[input.Value.Width];

    /// <summary>Outputs, or their gradient, by which tap made them: [rows of the input, taps, outputs, row].</summary>
    private readonly AlignedFloats byTap = new(input.Value.Shape.Height * Taps * node.Shape.Channels * input.Value.Width);

    private readonly int[] rowsOfInput = [.. Enumerable.Range(0, input.Value.Shape.Height).Select(y => input.Value.At(y, 0))];
    private readonly int[] rowsByTap = [.. Enumerable.Range(0, input.Value.Shape.Height).Select(y => y * Taps * node.Shape.Channels * input.Value.Width)];

    /// <summary>Weights as rows of one product: [inputs, taps, outputs]; and the bias of each, [taps, outputs, row].</summary>
    private readonly float[] byInput = new float[node.Weight.Length], bias = new float[Taps * node.Shape.Channels * input.Value.Width];

    private int Parts => Taps * outputs;

    public override void Prepare(ReadOnlySpan<float> weights)
    {
        own.Prepare(weights);
        for (var tap = 0; tap < Taps; tap++)
            for (var c = 0; c < inputs; c++) weights.Slice(node.Weight.Offset + (tap * inputs + c) * outputs, outputs).CopyTo(byInput.AsSpan(c * Parts + tap * outputs));
        for (var part = 0; part < Parts; part++) bias.AsSpan(part * width, width).Fill(weights[node.Bias.Offset + part % outputs]);
    }

    public override void Finish(Span<float> weightGradient) => own.Finish(weightGradient);

    protected override void Compute(ReadOnlySpan<float> weights)
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
            product.Target = ref byTap[rowsByTap[y]];
            Kernels.Multiply(product);
            for (var part = 0; part < Parts; part++)
            {
                ref var small = ref byTap[rowsByTap[y] + part * width];
                ref var big = ref Value[Painted(Value, y, part)];
                for (nint x = 0; x < width; x += Lanes) LaneImage.Copy(ref Unsafe.Add(ref small, x), ref Unsafe.Add(ref big, 2 * x));
            }
        }
    }

    protected override void Differentiate(ReadOnlySpan<float> weights)
    {
        own.AddBias(Gradient);
        for (var y = 0; y < height; y++)
            for (var part = 0; part < Parts; part++)
            {
                ref var small = ref byTap[rowsByTap[y] + part * width];
                ref var big = ref Gradient[Painted(Gradient, y, part)];
                for (nint x = 0; x < width; x += Lanes) LaneImage.Copy(ref Unsafe.Add(ref big, 2 * x), ref Unsafe.Add(ref small, x));
            }
        Correlate();
        if (!GoesBack) return;
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
            product.Right = ref byTap[rowsByTap[y]];
            product.Target = ref Input.Gradient[Input.Gradient.At(y, 0)];
            Kernels.Multiply(product);
        }
    }

    /// <summary>gradient [taps, inputs, outputs, lanes] += input times gradient, over all pixels; the inputs of one output are rows of one product.</summary>
    private void Correlate()
    {
        var product = new Product
        {
            Left = ref Input.Value[0],
            LeftAt = rowsOfInput,
            RightAt = rowsByTap,
            LeftRow = Input.Value.Plane,
            LeftStep = Lanes,
            RightStep = Lanes,
            TargetRow = outputs * Lanes,
            StartRow = outputs * Lanes,
            Terms = width / Lanes,
            Rows = inputs,
            Columns = Lanes,
        };
        for (var part = 0; part < Parts; part++)
        {
            var (tap, output) = (part / outputs, part % outputs);
            product.Right = ref byTap[part * width];
            product.Target = ref own.Gradient[(tap * inputs * outputs + output) * Lanes];
            product.Start = ref product.Target;
            Kernels.MultiplyColumns(product);
        }
    }

    /// <summary>Where the first pixel that part (tap, output) makes of row y is in the big image; the next is two further.</summary>
    private int Painted(LaneImage big, int y, int part)
    {
        var (tap, output) = (part / outputs, part % outputs);
        return big.At(2 * y + tap / 2, output) + tap % 2 * Lanes;
    }
}
