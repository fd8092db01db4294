using System.Runtime.CompilerServices;
using CitySafeSense.Numerics;

namespace CitySafeSense.Learning;

/// <summary>A convolution of each channel by itself, stride 1; its weights stand in all lanes.</summary>
internal sealed class LaneDepthwise : LaneOperation
{
    private const int Lanes = LaneImage.Lanes;
    private readonly DepthwiseNode node;
    private readonly LaneWeights own;
    private readonly float[] taps, zero = new float[Lanes];
    private readonly int[] from, reversed, weightsAt, rowsOfGradient;
    private readonly int[][] rowsOfInput;

    public LaneDepthwise(Kernels kernels, DepthwiseNode node, LaneOperation input, LaneImage value, LaneImage gradient)
        : base(kernels, node.Activation, input, value, gradient)
    {
        this.node = node;
        var (window, x) = (node.Window, input.Value);
        own = new LaneWeights(kernels, node, Lanes);
        taps = new float[node.Weight.Length * Lanes];
        from = [.. Enumerable.Range(0, window.Taps).Select(t => (t / window.Width - window.Top) * x.Row + (t % window.Width * window.Dilation - window.Left) * Lanes)];
        reversed = [.. Enumerable.Range(0, window.Taps).Select(t => (window.Top - t / window.Width) * value.Row + (window.Left - t % window.Width * window.Dilation) * Lanes)];
        weightsAt = [.. Enumerable.Range(0, window.Taps).Select(t => t * node.Shape.Channels * Lanes)];
        rowsOfInput = [.. Enumerable.Range(0, window.Height).Select(ty => Enumerable.Range(0, node.Shape.Height).Select(y => x.At(y, 0) + from[ty * window.Width]).ToArray())];
        rowsOfGradient = [.. Enumerable.Range(0, node.Shape.Height).Select(y => gradient.At(y, 0))];
    }

    public override void Prepare(ReadOnlySpan<float> weights)
    {
        own.Prepare(weights);
        for (var i = 0; i < node.Weight.Length; i++) taps.AsSpan(i * Lanes, Lanes).Fill(weights[node.Weight.Offset + i]);
    }

    public override void Finish(Span<float> weightGradient) => own.Finish(weightGradient);

    protected override void Compute(ReadOnlySpan<float> weights)
    {
        var product = Along(from);
        for (var y = 0; y < Value.Shape.Height; y++)
            for (var c = 0; c < Value.Shape.Channels; c++)
            {
                product.Left = ref Input.Value[Input.Value.At(y, c)];
                product.Right = ref taps[c * Lanes];
                product.Start = ref Unsafe.Add(ref own.Bias, c * Lanes);
                product.Target = ref Value[Value.At(y, c)];
                Kernels.MultiplyColumns(product);
            }
    }

    protected override void Differentiate(ReadOnlySpan<float> weights)
    {
        own.AddBias(Gradient);
        Correlate();
        if (!GoesBack) return;
        var product = Along(reversed);
        product.Start = ref zero[0];
        for (var y = 0; y < Value.Shape.Height; y++)
            for (var c = 0; c < Value.Shape.Channels; c++)
            {
                product.Left = ref Gradient[Gradient.At(y, c)];
                product.Right = ref taps[c * Lanes];
                product.Target = ref Input.Gradient[Input.Gradient.At(y, c)];
                Kernels.MultiplyColumns(product);
            }
    }

    /// <summary>gradient [taps, channels, lanes] += input times gradient, over all pixels; the taps of one row are rows of one product.</summary>
    private void Correlate()
    {
        var (window, channels) = (node.Window, node.Shape.Channels);
        var product = new Product
        {
            RightAt = rowsOfGradient,
            LeftRow = window.Dilation * Lanes,
            LeftStep = Lanes,
            RightStep = Lanes,
            TargetRow = channels * Lanes,
            StartRow = channels * Lanes,
            Terms = Value.Shape.Width,
            Rows = window.Width,
            Columns = Lanes,
        };
        for (var ty = 0; ty < window.Height; ty++)
            for (var c = 0; c < channels; c++)
            {
                product.LeftAt = rowsOfInput[ty];
                product.Left = ref Input.Value[c * Input.Value.Plane];
                product.Right = ref Gradient[c * Gradient.Plane];
                product.Target = ref own.Gradient[(ty * window.Width * channels + c) * Lanes];
                product.Start = ref product.Target;
                Kernels.MultiplyColumns(product);
            }
    }

    private Product Along(ReadOnlySpan<int> offsets) => new()
    {
        LeftAt = offsets,
        RightAt = weightsAt,
        LeftRow = Lanes,
        TargetRow = Lanes,
        Terms = 1,
        Rows = Value.Shape.Width,
        Columns = Lanes,
    };
}
