using System.Runtime.CompilerServices;
using CitySafeSense.Numerics;

namespace CitySafeSense.Learning;

/// <summary>A convolution of each channel by itself, stride 1; its weights stand in all lanes.</summary>
internal sealed class LaneDepthwise : LaneOperation
{
    private const int Lanes = LaneImage.Lanes;
    private readonly DepthwiseNode node;
    private readonly LaneWeights own;
    private readonly int chains;
    private readonly float[] taps, zero = new float[Lanes];
    private static readonly int[] once = [0];

    /// <summary>Of each row of the window: its first pixel from the one at work, on the way forward and back, and its first weight.</summary>
    private readonly int[] from, reversed, weightsAt;

    public LaneDepthwise(Kernels kernels, DepthwiseNode node, LaneOperation input, LaneImage value, LaneImage gradient)
        : base(kernels, node.Activation, input, value, gradient)
    {
        this.node = node;
        var (window, x) = (node.Window, input.Value);
        chains = value.Shape.Width % 2 == 0 ? 2 : 1;
        own = new LaneWeights(kernels, node, Lanes, chains);
        taps = new float[node.Weight.Length * Lanes];
        from = [.. Enumerable.Range(0, window.Height).Select(ty => (ty - window.Top) * x.Row - window.Left * Lanes)];
        reversed = [.. Enumerable.Range(0, window.Height).Select(ty => (window.Top - ty) * value.Row + window.Left * Lanes)];
        weightsAt = [.. Enumerable.Range(0, window.Height).Select(ty => ty * window.Width * node.Shape.Channels * Lanes)];
    }

    public override void Prepare(ReadOnlySpan<float> weights)
    {
        own.Prepare(weights);
        for (var i = 0; i < node.Weight.Length; i++) taps.AsSpan(i * Lanes, Lanes).Fill(weights[node.Weight.Offset + i]);
    }

    public override void Finish(Span<float> weightGradient) => own.Finish(weightGradient);

    public override void Forward(ReadOnlySpan<float> weights)
    {
        var product = Along(from, node.Window.Dilation * Lanes);
        for (var y = 0; y < Value.Shape.Height; y++)
        {
            for (var c = 0; c < Value.Shape.Channels; c++)
            {
                product.Left = ref Input.Value[Input.Value.At(y, c)];
                product.Right = ref taps[c * Lanes];
                product.Start = ref Unsafe.Add(ref own.Bias, c * Lanes);
                product.Target = ref Value[Value.At(y, c)];
                Kernels.MultiplyColumns(product);
            }
            Made(y, 1);
        }
    }

    /// <remarks>Row by row, so that a row is read from memory once.</remarks>
    public override void Backward(ReadOnlySpan<float> weights)
    {
        var product = Along(reversed, -node.Window.Dilation * Lanes);
        product.Start = ref zero[0];
        Ask(0, Value.Shape.Height); // a row's window sees others
        for (var y = 0; y < Value.Shape.Height; y++)
        {
            own.AddBias(Gradient, y, 1);
            Correlate(y);
            for (var c = 0; GoesBack && c < Value.Shape.Channels; c++)
            {
                product.Left = ref Gradient[Gradient.At(y, c)];
                product.Right = ref taps[c * Lanes];
                product.Target = ref Input.Gradient[Input.Gradient.At(y, c)];
                Kernels.MultiplyColumns(product);
            }
        }
    }

    /// <summary>
    /// gradient [taps, channels, chains, lanes] += input times gradient, over the pixels of row y; the taps of one row are rows
    /// of one product, and even and odd pixels its columns.
    /// </summary>
    private void Correlate(int y)
    {
        var (window, channels, sum) = (node.Window, node.Shape.Channels, chains * Lanes);
        var product = new Product
        {
            LeftAt = once,
            RightAt = once,
            LeftRow = window.Dilation * Lanes,
            LeftStep = sum,
            RightStep = sum,
            TargetRow = channels * sum,
            StartRow = channels * sum,
            Terms = Value.Shape.Width / chains,
            Rows = window.Width,
            Columns = sum,
        };
        for (var ty = 0; ty < window.Height; ty++)
            for (var c = 0; c < channels; c++)
            {
                product.Left = ref Input.Value[Input.Value.At(y, c) + from[ty]];
                product.Right = ref Gradient[Gradient.At(y, c)];
                product.Target = ref own.Gradient[(ty * window.Width * channels + c) * sum];
                product.Start = ref product.Target;
                Kernels.MultiplyColumns(product);
            }
    }

    private Product Along(ReadOnlySpan<int> rows, int step) => new()
    {
        LeftAt = rows,
        RightAt = weightsAt,
        LeftRow = Lanes,
        LeftStep = step,
        RightStep = node.Shape.Channels * Lanes,
        TargetRow = Lanes,
        Terms = node.Window.Width,
        Rows = Value.Shape.Width,
        Columns = Lanes,
    };
}
